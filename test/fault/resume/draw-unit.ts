import type { Random } from '../interrupt/random.js'
import type { Draft, Setting, Unit } from './draft.js'
import { connectionTo } from './tables.js'

type DrawUnit = (setting: Setting, draft: Draft, random: Random) => Unit

/** Rows of a sink. */
const ROWS = 4

/** Kinds of sub flows that end the same way however often they run. */
const REPEATABLE: readonly [DrawUnit, ...DrawUnit[]] = [replace, replace, replace, parts, copy, shell, rowList, fileList, global, retried]
/** Kinds whose effects are there once only if they ran once. */
const ONCE: readonly [DrawUnit, ...DrawUnit[]] = [append, append, append, both, both, move, move, remove, create]

/** Draws a sub flow: sinks of every mode, files that are moved, copied and deleted, commands, lists, globals, failures. */
export function drawUnit(setting: Setting, draft: Draft, random: Random, databases: boolean): Unit {
  if (random.chance(0.1)) return fail(setting, draft)
  if (databases && random.chance(0.6)) return random.pick(setting.repeats ? TABLES_REPEATABLE : TABLES)(setting, draft, random)
  if (setting.takesFile && !setting.repeats && random.chance(0.6)) return takeFile(setting, draft)
  const kinds = setting.repeats || random.chance(0.5) ? REPEATABLE : ONCE
  const kind = random.pick(kinds)
  // Lists in lists in lists are no more than lists in lists.
  return (kind === rowList || kind === fileList) && setting.loops.length > 1
    ? replace(setting, draft, random)
    : kind(setting, draft, random)
}

/** Stands in a flow where an SQL expression is that fails until the flow is mended. */
export const BROKEN = '@broken@'

/** A sub flow that fails until the flow is mended. */
export function drawBroken(setting: Setting, draft: Draft): Unit {
  return { ...addRows(setting, draft, [APPENDS.csv], BROKEN), mendable: true }
}

/** `{{iter.…}}` of the pass, from the outside in, as the end of a name. */
function passOf({ loops }: Setting): string {
  return loops.map((_, depth) => `-{{iter.${'outer.'.repeat(loops.length - 1 - depth)}index}}`).join('')
}

/** Rows that say where they come from and what was known there. */
function addRows(setting: Setting, draft: Draft, sinks: readonly object[], state = `'whole'`): Unit {
  const { id, above } = setting
  const known = above === undefined ? 'NULL' : `({{${above}}})::VARCHAR`
  const sql = `SELECT '${id}${passOf(setting)}' AS unit, range AS row, range % 2 AS half, ${known} AS above, ${state} AS state FROM input, range(${ROWS})`
  draft.modules.push({ id, name: 'inline_source', configs: { rows: [{ seed: 1 }] } }, { id: `${id}q`, name: 'sql_mod', configs: { sql } })
  draft.data.push(`${id}.data - ${id}q.input`)
  for (const [index, sink] of sinks.entries()) {
    draft.modules.push({ id: `${id}k${index}`, ...sink })
    draft.data.push(`${id}q.output - ${id}k${index}.input`)
  }
  return { first: id, last: `${id}k0`, ends: 'completed', global: `${id}k0__row_count`, port: `${id}q.output` }
}

function replace(setting: Setting, draft: Draft, random: Random): Unit {
  const [name, suffix] = random.pick([
    ['csv_sink', 'csv'],
    ['json_sink', 'jsonl'],
    ['parquet_sink', 'parquet'],
  ])
  const output = `out/${setting.id}${passOf(setting)}.${suffix}`
  if (random.chance(0.5) && setting.loops.length === 0) draft.files[output] = 'what lay here before\n'
  return addRows(setting, draft, [{ name, configs: { output_path: output } }])
}

function parts(setting: Setting, draft: Draft, random: Random): Unit {
  const output = `parts/${setting.id}${passOf(setting)}`
  const mode = random.pick(['overwrite', 'overwrite_partitions'])
  if (setting.loops.length === 0) {
    draft.files[`${output}/half=1/data_0.parquet`] = 'an old part\n'
    draft.files[`${output}/half=7/data_0.parquet`] = 'another old part\n'
  }
  return addRows(setting, draft, [{ name: 'parquet_sink', configs: { output_path: output, mode, partition_by: ['half'] } }])
}

const APPENDS = {
  csv: { name: 'csv_sink', configs: { output_path: 'grown/all.csv', mode: 'append' } },
  json: { name: 'json_sink', configs: { output_path: 'grown/all.jsonl', mode: 'append' } },
}

function append(setting: Setting, draft: Draft, random: Random): Unit {
  return addRows(setting, draft, [random.pick([APPENDS.csv, APPENDS.json])])
}

function both(setting: Setting, draft: Draft): Unit {
  const output = `out/${setting.id}${passOf(setting)}.csv`
  return addRows(setting, draft, [{ name: 'csv_sink', configs: { output_path: output } }, APPENDS.json, APPENDS.csv])
}

function create(setting: Setting, draft: Draft): Unit {
  const output = `new/${setting.id}${passOf(setting)}.csv`
  return addRows(setting, draft, [{ name: 'csv_sink', configs: { output_path: output, mode: 'error_if_exists' } }])
}

function toTable(database: 'one' | 'two', table: string, mode: object): object {
  return { name: 'postgres_sink', configs: { connection: connectionTo(database), table, ...mode } }
}

const GROW = { mode: 'append' }

/** A table of a sub flow's own, which comes into being with its rows. */
function toOwnTable(database: 'one' | 'two', setting: Setting): object {
  return toTable(database, `own-${setting.id}${passOf(setting)}`, { mode: 'upsert', keys: ['unit', 'row'], create_table: true })
}

/** Rows of one sub flow in one table, in two of one database, in two databases, in a database and files. */
function table(setting: Setting, draft: Draft, random: Random): Unit {
  const sinks = random.pick<readonly object[]>([
    [toTable('one', 'grown', GROW)],
    [toTable('one', 'grown', GROW), toOwnTable('one', setting)],
    [toTable('one', 'grown', GROW), toTable('two', 'grown', GROW)],
    [APPENDS.csv, toTable('one', 'grown', GROW)],
    [toOwnTable('two', setting), APPENDS.json, toTable('one', 'grown', GROW)],
  ])
  return addRows(setting, draft, sinks)
}

function upsert(setting: Setting, draft: Draft, random: Random): Unit {
  return addRows(setting, draft, [toOwnTable(random.pick(['one', 'two']), setting)])
}

/** A statement that would count twice. */
function query(setting: Setting, draft: Draft): Unit {
  const { id } = setting
  const sql = `INSERT INTO grown (unit, row) VALUES ('${id}${passOf(setting)}', 1)`
  draft.modules.push({ id, name: 'postgres_query', configs: { connection: connectionTo('two'), sql } })
  return { first: id, last: id, ends: 'completed', global: `${id}__row_count` }
}

/** Reads on from a cursor, outside of loops. */
function increment(setting: Setting, draft: Draft, random: Random): Unit {
  if (setting.loops.length > 0) return table(setting, draft, random)
  const { id } = setting
  const read = { connection: connectionTo('one'), table: 'source', cursor: 'id', start: 2 }
  // What is appended to has no rows yet, where there is no cursor yet.
  const ownFile = { name: 'csv_sink', configs: { output_path: `grown/${id}.csv`, mode: 'append' } }
  const sql = `SELECT '${id}' AS unit, id AS row, 0 AS half, text AS above, 'whole' AS state FROM input`
  const sink = random.pick([ownFile, toOwnTable('one', setting), toOwnTable('two', setting)])
  draft.modules.push(
    { id, name: 'postgres_source', configs: read },
    { id: `${id}q`, name: 'sql_mod', configs: { sql } },
    { id: `${id}k0`, ...sink },
  )
  draft.data.push(`${id}.data - ${id}q.input`, `${id}q.output - ${id}k0.input`)
  return { first: id, last: `${id}k0`, ends: 'completed', global: `${id}k0__row_count` }
}

const TABLES_REPEATABLE: readonly [DrawUnit, ...DrawUnit[]] = [upsert]
const TABLES: readonly [DrawUnit, ...DrawUnit[]] = [table, table, table, upsert, query, increment]

/** One file, outside of loops: in a loop every pass would take the same one. */
function move(setting: Setting, draft: Draft, random: Random): Unit {
  if (setting.loops.length > 0) return append(setting, draft, random)
  const { id } = setting
  const from = `in/${id}.txt`
  draft.files[from] = `file of ${id}\n`
  draft.modules.push({ id, name: 'file_move', configs: { from, to: `moved/${id}.txt`, mode: 'error_if_exists' } })
  const condition = `(SELECT count(*) FROM glob('{{context.root}}/${from}')) = 1`
  return { first: id, last: id, ends: 'completed', global: `${id}__count`, condition }
}

function remove(setting: Setting, draft: Draft, random: Random): Unit {
  if (setting.loops.length > 0) return append(setting, draft, random)
  const { id } = setting
  draft.files[`in/${id}.tmp`] = 'to be deleted\n'
  draft.modules.push({ id, name: 'file_delete', configs: { path: `in/${id}.tmp`, missing_ok: false } })
  return { first: id, last: id, ends: 'completed', global: `${id}__count` }
}

function takeFile({ id, loops }: Setting, draft: Draft): Unit {
  draft.modules.push({
    id,
    name: 'file_move',
    configs: { from: '{{iter.item.path}}', to: `taken/${loops.at(-1)}/`, mode: 'error_if_exists' },
  })
  return { first: id, last: id, ends: 'completed', global: `${id}__count` }
}

function copy(setting: Setting, draft: Draft): Unit {
  const { id } = setting
  draft.files[`in/${id}.dat`] = `data of ${id}\n`
  draft.modules.push({ id, name: 'file_copy', configs: { from: `in/${id}.dat`, to: `copy/${id}${passOf(setting)}.dat` } })
  return { first: id, last: id, ends: 'completed', global: `${id}__count` }
}

/** Nobody promises that a command runs once: that it ran is all that can be seen. */
function shell(setting: Setting, draft: Draft): Unit {
  const { id } = setting
  draft.files['ran/before.txt'] = 'here it says who ran\n'
  const pass = setting.loops.map((_, depth) => `{{iter.${'outer.'.repeat(setting.loops.length - 1 - depth)}index}}`).join('-')
  draft.modules.push({ id, name: 'shell', configs: { command: `echo ${id} ${pass} > ran/${id}-${pass}.txt; echo ${id}` } })
  return { first: id, last: id, ends: 'completed', global: `${id}__stdout` }
}

/** Fails at first, when the flow allows another attempt. */
function retried({ id }: Setting, draft: Draft): Unit {
  draft.modules.push({ id, name: 'shell', configs: { command: '[ "$PYPE_ATTEMPT" -gt 1 ] && echo done' } })
  return { first: id, last: id, ends: 'completed', global: `${id}__stdout` }
}

function global({ id, above }: Setting, draft: Draft): Unit {
  const value = above === undefined ? id : `{{${above}}}`
  draft.modules.push({ id, name: 'set_global', configs: { values: { value } } })
  return { first: id, last: id, ends: 'completed', global: `${id}__value` }
}

function rowList({ id }: Setting, draft: Draft, random: Random): Unit {
  const rows = Array.from({ length: random.int(0, 3) }, (_, n) => ({ n }))
  const configs = rows.length === 0 ? { rows, columns: { n: 'INTEGER' } } : { rows }
  draft.modules.push({ id, name: 'inline_source', configs })
  return { first: id, last: id, ends: 'completed', list: 'rows' }
}

function fileList({ id }: Setting, draft: Draft, random: Random): Unit {
  const count = random.int(1, 3)
  for (let i = 0; i < count; i++) draft.files[`lists/${id}/file-${i}.txt`] = `file ${i} of ${id}\n`
  draft.modules.push({ id, name: 'list_files', configs: { path: `lists/${id}/*.txt` } })
  return { first: id, last: id, ends: 'completed', list: 'files', global: `${id}__count` }
}

function fail({ id }: Setting, draft: Draft): Unit {
  draft.modules.push({ id, name: 'fail', configs: { message: `as drawn in ${id}` } })
  return { first: id, last: id, ends: 'failed', global: `${id}__error_message` }
}
