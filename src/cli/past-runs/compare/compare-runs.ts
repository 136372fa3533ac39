import type { ProgressStatus } from '../../../core/run-progress.js'
import type { ShownNode, ShownRun, ShownSubFlow } from '../show/shown-run.js'
import { type ColumnDiff, compareColumns } from './compare-columns.js'

/** The value of both runs; null where one has none. */
export interface Pair<T> {
  readonly a: T | null
  readonly b: T | null
}

/** Something that the runs began with and that is not the same. */
export interface ConditionDiff extends Pair<string> {
  readonly what: string
}

/** A node in both runs. */
export interface NodeDiff {
  readonly node: string
  readonly status: Pair<ProgressStatus>
  readonly runs: Pair<number>
  readonly rows: Pair<number>
  readonly rejected: Pair<number>
  readonly seconds: Pair<number>
}

/** A sub flow in both runs. */
export interface SubFlowDiff {
  readonly name: string
  readonly in: 'both' | 'a' | 'b'
  /** Whether the flow has changed it in between. */
  readonly was_changed: boolean
  readonly status: Pair<ProgressStatus>
  readonly attempts: Pair<number>
  /** That it was at work, over all processes of the run. */
  readonly seconds: Pair<number>
  readonly nodes: readonly NodeDiff[]
}

/** What differs between two runs, as `pype diff --json` prints it; sub flows and nodes are all there. */
export interface RunDiff {
  readonly runs: Pair<RunHead>
  readonly conditions: readonly ConditionDiff[]
  readonly sub_flows: readonly SubFlowDiff[]
  readonly columns: readonly ColumnDiff[]
}

/** What tells a run from another one. */
export type RunHead = Pick<ShownRun, 'run' | 'job' | 'status' | 'date' | 'seconds' | 'rows'> & { readonly started: string | null }

/** Compares two runs, of one job as a rule. */
export function compareRuns(a: ShownRun, b: ShownRun): RunDiff {
  return {
    runs: { a: headOf(a), b: headOf(b) },
    conditions: compareConditions(a, b),
    sub_flows: compareSubFlows(a.sub_flows, b.sub_flows),
    columns: compareColumns(a.columns, b.columns),
  }
}

function headOf({ run, job, status, date, seconds, rows, processes }: ShownRun): RunHead {
  return { run, job, status, date, seconds, rows, started: processes[0]?.started ?? null }
}

function compareConditions(a: ShownRun, b: ShownRun): readonly ConditionDiff[] {
  const [before, after] = [listConditions(a), listConditions(b)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((what) => {
    const pair = { a: before.get(what) ?? null, b: after.get(what) ?? null }
    return pair.a === pair.b ? [] : [{ what, ...pair }]
  })
}

function listConditions({ job, date, context, values, set, pype_version, engine, modules }: ShownRun): ReadonlyMap<string, string> {
  const named = (kind: string, all: { readonly [name: string]: unknown }) =>
    Object.entries(all).map(([name, value]): [string, string] => [
      `${kind} ${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
  return new Map([
    ...asEntry('job', job),
    ...asEntry('date', date),
    ...asEntry('context', context),
    ...named('context', values),
    // What is set has its value in the context too, unless that is secret.
    ...named('set', set).filter(([what]) => !Object.hasOwn(values, what.slice('set '.length))),
    ...asEntry('pype', pype_version),
    ...asEntry(engine?.name ?? 'engine', engine?.version ?? null),
    ...named('module', modules),
  ])
}

function asEntry(what: string, value: string | null): readonly [string, string][] {
  return value === null ? [] : [[what, value]]
}

function compareSubFlows(a: readonly ShownSubFlow[], b: readonly ShownSubFlow[]): readonly SubFlowDiff[] {
  const [before, after] = [new Map(a.map((each) => [each.name, each])), new Map(b.map((each) => [each.name, each]))]
  // In the order of the later one, and then what it does not have.
  return [...new Set([...after.keys(), ...before.keys()])].map((name) => compareSubFlow(name, before.get(name), after.get(name)))
}

function compareSubFlow(name: string, a: ShownSubFlow | undefined, b: ShownSubFlow | undefined): SubFlowDiff {
  const hasBoth = a !== undefined && b !== undefined
  const nodes = new Map((a?.nodes ?? []).map((node) => [node.node, node]))
  const later = new Map((b?.nodes ?? []).map((node) => [node.node, node]))
  return {
    name,
    in: hasBoth ? 'both' : a === undefined ? 'b' : 'a',
    was_changed: hasBoth && a.hash !== null && b.hash !== null && a.hash !== b.hash,
    status: { a: a?.status ?? null, b: b?.status ?? null },
    attempts: { a: a?.attempts ?? null, b: b?.attempts ?? null },
    seconds: { a: secondsOf(a), b: secondsOf(b) },
    nodes: [...new Set([...later.keys(), ...nodes.keys()])].map((node) => compareNode(node, nodes.get(node), later.get(node))),
  }
}

function compareNode(node: string, a: ShownNode | undefined, b: ShownNode | undefined): NodeDiff {
  const pair = <K extends 'status' | 'runs' | 'rows' | 'rejected' | 'seconds'>(key: K): Pair<NonNullable<ShownNode[K]>> => ({
    a: a?.[key] ?? null,
    b: b?.[key] ?? null,
  })
  return { node, status: pair('status'), runs: pair('runs'), rows: pair('rows'), rejected: pair('rejected'), seconds: pair('seconds') }
}

/** Null: it has not worked, it still does, or nobody knows for how long. */
function secondsOf(subFlow: ShownSubFlow | undefined): number | null {
  if (subFlow === undefined || subFlow.work.length === 0) return null
  let milliseconds = 0
  for (const { started, ended, estimated } of subFlow.work) {
    if (ended === null || estimated === true) return null
    milliseconds += Date.parse(ended) - Date.parse(started)
  }
  return milliseconds / 1000
}
