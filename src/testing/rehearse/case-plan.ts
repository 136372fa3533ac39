import path from 'node:path'
import type { ErrorCode } from '../../core/error-codes.js'
import type { FramePath } from '../../core/frame.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { Column } from '../../sdk/relation.js'
import type { KillPoint } from '../load/test-file.js'

/** What the run of one case is made of, as JSON: a process that is killed reads it from the folder of the case. */
export interface CasePlan {
  /** Absolute: the folder of the flow. */
  readonly project: string
  readonly context: string | undefined
  readonly set: JsonObject
  readonly env: { readonly [name: string]: string }
  readonly date: string | undefined
  /** By node. */
  readonly standIns: { readonly [node: string]: StandIn }
  /** Sinks that act outside: their rows are looked at, and go nowhere. */
  readonly muted: readonly string[]
  /** Values in the place of what nodes publish, by node and name. */
  readonly globals: { readonly [node: string]: JsonObject }
  /** What the nodes that were added for it look at, by node: the name of what is expected, `node.port` or a sink. */
  readonly captures: { readonly [node: string]: string }
  /** Nodes that run as they are. */
  readonly allowed: readonly string[]
  readonly kill: KillOrder | undefined
}

/** Where the first process of the run is killed. */
export interface KillOrder {
  readonly point: KillPoint
  readonly subFlow: string
  readonly frame: FramePath
}

/** What a node does instead of its module. */
export interface StandIn {
  readonly ports: { readonly [port: string]: GivenRows }
  readonly globals: JsonObject
  readonly items: readonly Json[] | undefined
  readonly error: { readonly code: ErrorCode; readonly message: string } | undefined
}

/** Rows that a port puts out. Columns: null where they are inferred. */
export type GivenRows =
  | { readonly kind: 'rows'; readonly rows: readonly JsonObject[]; readonly columns: readonly Column[] | null }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly format: 'csv' | 'json' | 'parquet'
      readonly columns: readonly Column[] | null
    }

/** The folder of a case, and what is where in it. */
export interface CaseFolder {
  readonly root: string
  readonly job: string
  /** Where the run is: relative paths of the flow start here. */
  readonly files: string
  /** What stands for the rest of the disk. */
  readonly elsewhere: string
  /** The rows that were looked at. */
  readonly rows: string
  readonly plan: string
}

/** The parts of a case's folder. */
export function openCaseFolder(root: string): CaseFolder {
  const part = (name: string) => path.join(root, name)
  return { root, job: part('job'), files: part('files'), elsewhere: part('elsewhere'), rows: part('rows'), plan: part('plan.json') }
}

/** Where a path of the flow leads in the test: a relative one stays, one that leaves the folder is taken to a place that stands for it. */
export function placeInCase(written: string, { root, files, elsewhere }: CaseFolder): string {
  const absolute = path.resolve(files, written)
  if (!path.isAbsolute(written) && isInside(files, absolute)) return written
  return isInside(root, absolute) ? absolute : path.join(elsewhere, absolute)
}

function isInside(folder: string, file: string): boolean {
  return file === folder || file.startsWith(`${folder}${path.sep}`)
}
