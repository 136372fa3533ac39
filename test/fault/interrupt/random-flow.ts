import type { Random } from './random.js'

/** A file that a flow writes, and what it may hold: `old` as it lies there before the run, or the new rows. */
export type Target =
  | { readonly kind: 'parquet'; readonly oldFile: string; readonly pattern: RegExp; readonly rows: number }
  | { readonly kind: 'append'; readonly file: string; readonly rows: number }
  | { readonly kind: 'move'; readonly from: string; readonly to: string }

/** A flow without its head, and what to look at when a run of it has been interrupted. */
export interface RandomFlow {
  /** YAML. */
  readonly text: string
  readonly targets: readonly Target[]
}

/** Some nodes of one sub flow, hung below another one. */
interface Unit {
  /** Takes control. */
  readonly first: string
  /** Gives control, and how it may end. */
  readonly last: string
  readonly fails: boolean
  /** Gives the list of the loop around what is hung below it by `iterate`. */
  readonly isList: boolean
  /** Loops around it: the ids of their lists, from the outside in. */
  readonly loops: readonly string[]
}

interface Draft {
  readonly modules: object[]
  readonly data: string[]
  readonly control: object[]
  readonly targets: Target[]
}

/** Rows of a batch that is appended, and of a file that is replaced. */
const BATCH = 400
const FILE_ROWS = 20_000

/** Commands that end by themselves, that do not, that do not hear SIGTERM, and that start others which do not. */
const COMMANDS = [
  'true',
  'sleep 0.1',
  'sleep 60',
  'for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.02; done',
  "trap '' TERM INT; while :; do sleep 0.1; done",
  "(trap '' TERM INT; sleep 60) & sleep 60; wait",
  'sleep 60 | cat',
] as const

const IN_INNER_LOOP = ['shell', 'shell', 'append', 'append', 'parquet', 'query', 'sleep', 'fail'] as const
const IN_LOOP = [...IN_INNER_LOOP, 'list', 'list'] as const
const OUTSIDE = [...IN_LOOP, 'list', 'move'] as const

/** Draws a flow of real modules: loops in loops, frames at once, commands, sinks, moves, background walks, retries, branches after failures, long queries. */
export function drawFlow(random: Random): RandomFlow {
  const draft: Draft = { modules: [{ id: 'begin', name: 'log', configs: { message: 'begin' } }], data: [], control: [], targets: [] }
  const units: Unit[] = [{ first: 'begin', last: 'begin', fails: false, isList: false, loops: [] }]
  const count = random.int(4, 9)
  for (let i = 1; i <= count; i++) {
    // Mostly below one of the last, so that loops have insides.
    const parent = units[Math.max(0, units.length - 1 - (random.chance(0.6) ? random.int(0, 1) : random.int(0, units.length)))]
    if (parent !== undefined) units.push(hangBelow(parent, i, draft, random))
  }
  const joined = units.at(-1)
  const other = units[random.int(0, units.length - 2)]
  if (joined?.loops.length === 0 && other?.loops.length === 0 && !other.isList) join(other, joined, draft)
  const settings = {
    retries: random.int(0, 2),
    retry_delay: random.pick([0, 0.2, 30]),
    fail_strategy: random.pick(['halt', 'continue']),
    threads: random.int(1, 6),
  }
  const connections = { data: draft.data, control: draft.control }
  const text = Object.entries({ settings, modules: draft.modules, connections })
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')
  return { text, targets: draft.targets }
}

function hangBelow(parent: Unit, i: number, draft: Draft, random: Random): Unit {
  const type = parent.isList ? 'iterate' : chooseType(parent, random)
  const loops = parent.isList ? [...parent.loops, parent.last] : parent.loops
  const unit = { ...addUnit(`n${i}`, loops, draft, random), loops }
  const concurrency = type === 'iterate' ? { concurrency: random.int(1, 4) } : {}
  const condition = type === 'normal' && random.chance(0.2) ? { if: random.pick(["'{{run.job}}' <> ''", '1 = 0']) } : {}
  draft.control.push({ from: parent.last, to: unit.first, order: random.int(1, 3), type, ...concurrency, ...condition })
  return unit
}

function chooseType({ fails }: Unit, random: Random): string {
  return fails ? random.pick(['error', 'error', 'done', 'normal']) : random.pick(['normal', 'normal', 'normal', 'start', 'done'])
}

function join(from: Unit, to: Unit, { control }: Draft): void {
  const isThere = control.some((each) => 'from' in each && 'to' in each && each.from === from.last && each.to === to.first)
  if (!isThere) control.push({ from: from.last, to: to.first, order: 9, type: 'normal' })
}

function addUnit(id: string, loops: readonly string[], draft: Draft, random: Random): Omit<Unit, 'loops'> {
  const ordinary = { first: id, last: id, fails: false, isList: false }
  const kind = random.pick(loops.length === 0 ? OUTSIDE : loops.length === 1 ? IN_LOOP : IN_INNER_LOOP)
  switch (kind) {
    case 'shell':
      draft.modules.push({ id, name: 'shell', configs: { command: random.pick(COMMANDS) } })
      return ordinary
    case 'sleep':
      draft.modules.push({ id, name: 'sleep', configs: { seconds: random.pick([0, 0.05, 0.3, 60]) } })
      return ordinary
    case 'fail':
      draft.modules.push(
        random.chance(0.5)
          ? { id, name: 'fail', configs: { message: 'as drawn' } }
          : { id, name: 'shell', configs: { command: 'sleep 0.05; exit 3' } },
      )
      return { ...ordinary, fails: true }
    case 'list':
      draft.modules.push({ id, name: 'inline_source', configs: { rows: Array.from({ length: random.int(1, 30) }, (_, n) => ({ n })) } })
      return { ...ordinary, isList: true }
    case 'move':
      draft.modules.push({ id, name: 'file_move', configs: { from: `in/${id}.txt`, to: `moved/${id}.txt` } })
      draft.targets.push({ kind: 'move', from: `in/${id}.txt`, to: `moved/${id}.txt` })
      return ordinary
    case 'append':
      draft.targets.push({ kind: 'append', file: 'appended.csv', rows: BATCH })
      return addRows(id, batchSql(id, loops), ['csv_sink', { output_path: 'appended.csv', mode: 'append' }], draft)
    case 'parquet':
      draft.targets.push({
        kind: 'parquet',
        oldFile: `${id}${loops.map(() => '-0').join('')}.parquet`,
        pattern: new RegExp(`^${id}(-\\d+)*\\.parquet$`),
        rows: FILE_ROWS,
      })
      return addRows(
        id,
        `SELECT range AS id, md5(range::VARCHAR) AS text FROM input, range(${FILE_ROWS})`,
        ['parquet_sink', { output_path: `${id}${loops.map((_, depth) => `-${indexOf(loops.length - 1 - depth)}`).join('')}.parquet` }],
        draft,
      )
    case 'query':
      return addRows(
        id,
        `SELECT sum(hash(range)) AS n FROM input, range(${random.pick([20_000_000, 200_000_000_000])})`,
        ['log_sink', {}],
        draft,
      )
  }
}

/** Rows that each name their batch: run, node and frame. */
function batchSql(id: string, loops: readonly string[]): string {
  const frame = loops.map((_, depth) => indexOf(loops.length - 1 - depth)).join('.')
  return `SELECT '{{run.id}} ${id}#${frame}' AS batch, range AS row FROM input, range(${BATCH})`
}

/** The index of the pass so many loops outside. */
function indexOf(outside: number): string {
  return `{{iter.${'outer.'.repeat(outside)}index}}`
}

function addRows(id: string, sql: string, [sink, configs]: readonly [string, object], { modules, data }: Draft): Omit<Unit, 'loops'> {
  modules.push(
    { id, name: 'inline_source', configs: { rows: [{ seed: 1 }] } },
    { id: `${id}q`, name: 'sql_mod', configs: { sql } },
    { id: `${id}k`, name: sink, configs },
  )
  data.push(`${id}.data - ${id}q.input`, `${id}q.output - ${id}k.input`)
  return { first: id, last: `${id}k`, fails: false, isList: false }
}
