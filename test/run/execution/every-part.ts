/** The text of a module that uses every part of what a module with `run` gets. It notes what it sees in the file `notes`. */
export const EVERY_PART = `import { appendFileSync, writeFileSync } from 'node:fs'
import { tableFromArrays } from 'apache-arrow'
import { defineModule, sql } from 'pypeline/sdk'

let calls = 0

export default defineModule({
  name: 'every_part',
  type: 'mod',
  version: '1.0.0',
  description: 'Uses every part of its context.',
  category: 'Tests',
  inputPorts: ['input'],
  outputPorts: ['relation', 'arrow', 'batches', 'rows', 'same', 'registered'],
  globals: { total: { type: 'int', description: 'Sum of a.' }, big: { type: 'any', description: 'A large integer.' } },
  packages: ['apache-arrow@21'],
  config: {
    required: {
      notes: { type: 'path', description: 'Where to note.', example: 'notes.jsonl' },
      column: { type: 'column', description: 'A column.', example: 'a' },
    },
    optional: {
      factor: { type: 'int', description: 'A number.', example: 3, default: 2 },
      fail_until: { type: 'int', description: 'Attempts that fail.', example: 1, default: 0 },
    },
  },
  setup: (ctx) => note(ctx.config.notes, { step: 'setup', nodeId: ctx.nodeId }),
  teardown: (ctx) => note(ctx.config.notes, { step: 'teardown', nodeId: ctx.nodeId }),
  run: async ({ input }, ctx) => {
    if (input === undefined) throw new Error('no input')
    const { factor, notes, fail_until } = ctx.config
    const twice: number = factor * 2
    const rows = []
    for await (const row of input.rows()) rows.push({ ...row, big: typeof row.big + ' ' + String(row.big) })
    let batched = 0
    for await (const batch of input.batches()) batched += batch.numRows
    const table = await input.toArrow()
    const uri = input.uri
    const selected = sql\`SELECT \${ctx.config.column} * \${factor} AS a FROM \${input} ORDER BY 1\`
    const inWorker = await ctx.threads.run(new URL('../../lib/double-in-worker.mjs', import.meta.url), { number: 21 })
    note(notes, {
      step: 'run',
      nodeId: ctx.nodeId, runId: ctx.runId, frame: ctx.frame, attempt: ctx.attempt,
      iterItem: ctx.iterItem === undefined, iterIndex: ctx.iterIndex === undefined,
      twice, outputs: [...ctx.outputs].sort(), isAborted: ctx.signal.aborted, token: ctx.commitToken,
      dialect: ctx.engine.dialect, columns: await ctx.engine.columns(input), own: input.columns,
      head: await ctx.engine.head(selected, 1), rows, batched, arrow: table.numRows, nRows: await input.nRows(), uri,
      global: ctx.getGlobal('facts__limit'), missing: ctx.getGlobal('facts__nothing') === undefined, inWorker,
    })
    for (const level of ['debug', 'info', 'warn', 'error']) ctx.logger[level]('said at ' + level, { level_no: level.length })
    const copied = await ctx.stageFile('copied.csv', 'replace')
    const written = await ctx.engine.copy(selected, copied, { format: 'csv', options: {} })
    const created = await ctx.stageFile('created-' + ctx.attempt + '.txt', 'create')
    writeFileSync(created, 'created')
    const appended = await ctx.stageFile('appended.txt', 'append', async (before) => Buffer.from(before.length === 0 ? 'head\\n' : ''))
    writeFileSync(appended, 'line of ' + (calls += 1) + '\\n')
    const folder = await ctx.stageFile('parts', 'replace-partitions')
    await ctx.engine.copy(sql\`SELECT a, a % 2 AS odd FROM \${input}\`, folder, { format: 'parquet', options: { partition_by: ['odd'] } })
    ctx.onCommit(() => note(notes, { step: 'commit 1' }))
    ctx.onCommit(() => note(notes, { step: 'commit 2' }))
    ctx.onRollback(() => note(notes, { step: 'rollback 1' }))
    ctx.onRollback(() => note(notes, { step: 'rollback 2' }))
    note(notes, { step: 'staged', written })
    ctx.setGlobal('total', rows.length)
    ctx.setGlobal('big', 9007199254740993n)
    if (ctx.attempt <= fail_until) throw new Error('attempt ' + ctx.attempt + ' is to fail')
    async function* batches() {
      for (const part of [[1, 2], [3]]) yield* tableFromArrays({ a: Int32Array.from(part), t: part.map((n) => 't' + n) }).batches
    }
    return {
      relation: selected,
      arrow: tableFromArrays({ a: Int32Array.from([1, 2]), t: ['x', null] }),
      batches: batches(),
      rows: { columns: [{ name: 'a', type: 'BIGINT' }, { name: 'd', type: 'DECIMAL(10,2)' }], rows: [{ a: 9007199254740993n, d: '1.10' }, { a: null, d: null }] },
      same: ctx.artifacts.adopt(input),
      registered: await ctx.artifacts.register('registered', { columns: [{ name: 'a', type: 'INTEGER' }], rows: [] }),
    }
  },
})

function note(file: string, what: object): void {
  appendFileSync(file, JSON.stringify(what) + '\\n')
}
`

/** Runs in a worker thread. */
export const DOUBLE_IN_WORKER = `import { isMainThread } from 'node:worker_threads'
export default ({ number }) => ({ doubled: number * 2, isMainThread })
`

/** A list for a loop. */
export const LIST_DAYS = `import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'list_days',
  type: 'solo',
  version: '1.0.0',
  description: 'Publishes a list.',
  category: 'Tests',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  items: true,
  config: { required: {}, optional: {} },
  run: (_, ctx) => ctx.setItems(['2026-01-01', { day: 2 }]),
})
`
