import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { formatFrame } from '../../core/frame.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { Column, Expression } from '../../sdk/relation.js'
import { expr, ident, joinSql, sql } from '../../sdk/sql.js'
import { isNested } from '../compare/column-kind.js'
import type { CaseFolder } from './case-plan.js'

/** Rows that were looked at, values as texts. */
export interface CapturedRows {
  readonly columns: readonly Column[]
  readonly rows: readonly { readonly [column: string]: string | null }[]
}

/** A sink that writes down the rows that it gets. They are part of the commit of its sub flow: an attempt that fails leaves none, and a resume none twice. */
export function captureRows(definition: ModuleDefinition, name: string, { rows }: CaseFolder): ModuleDefinition {
  return {
    name: definition.name,
    type: 'sink',
    version: definition.version,
    description: 'Writes down the rows that it gets, for a test.',
    category: definition.category,
    inputPorts: ['input'],
    outputPorts: [],
    globals: {},
    packages: [],
    config: { required: {}, optional: {} },
    run: async ({ input }, ctx) => {
      if (input === undefined) return
      const place = captureFile(rows, name, ctx.frame)
      const texts = sql`SELECT ${joinSql(input.columns.map(asText))} FROM ${input}`
      await ctx.engine.copy(texts, await ctx.stageFile(place, 'replace'), {
        format: 'json',
        options: { array: false, compression: 'none' },
      })
      await writeFile(await ctx.stageFile(columnsFile(place), 'replace'), JSON.stringify(input.columns))
    },
  }
}

/** The text of a column's values that tells all of them apart. */
export function asText({ name, type }: Column): Expression {
  return isNested(type)
    ? expr`CAST(to_json(${ident(name)}) AS VARCHAR) AS ${ident(name)}`
    : expr`CAST(${ident(name)} AS VARCHAR) AS ${ident(name)}`
}

/** Where the rows of a port in a frame are. */
export function captureFile(folder: string, name: string, frame: string): string {
  return path.join(folder, `${name}${frame === '' ? '' : `#${frame}`}.jsonl`)
}

/** Where their columns are. */
export function columnsFile(file: string): string {
  return `${file}.columns`
}

/** The frame of a file that {@link captureFile} named, or undefined when it is of something else. */
export function frameOfFile(file: string, name: string): string | undefined {
  if (!file.endsWith('.jsonl') || !file.startsWith(name)) return undefined
  const rest = file.slice(name.length, -'.jsonl'.length)
  return rest === '' ? formatFrame([]) : rest.startsWith('#') ? rest.slice(1) : undefined
}
