import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { replayWhole } from '../checkpoint/journal/replay-whole.js'
import type { JobPlace } from '../job/job-fixture.js'
import { DOUBLE_IN_WORKER, EVERY_PART, LIST_DAYS } from './every-part.js'
import { createUserProject, readNotes } from './user-project.js'

const PORTS = ['relation', 'arrow', 'batches', 'rows', 'same', 'registered']

let place: JobPlace | undefined
afterEach(() => place?.remove())

async function project(): Promise<JobPlace> {
  place = await createUserProject({
    'modules/mods/every_part.ts': EVERY_PART,
    'modules/solo/list_days.ts': LIST_DAYS,
    'lib/double-in-worker.mjs': DOUBLE_IN_WORKER,
  })
  return place
}

function flow(configs = '', { settings = '', after = '', connection = '' } = {}): string {
  return `settings: { retry_delay: 0${settings} }
modules:
  - { id: facts, name: set_global, configs: { values: { limit: 3 } } }
  - { id: src, name: inline_source, configs: { rows: [{ a: 1, big: "9007199254740993" }, { a: 2, big: null }, { a: 3, big: 7 }], columns: { a: INTEGER, big: BIGINT } } }
  - { id: every, name: every_part, configs: { notes: "{{context.root}}/notes.jsonl"${configs} } }
${PORTS.map((port) => `  - { id: out_${port}, name: csv_sink, configs: { output_path: out/${port}.csv } }`).join('\n')}
  - { id: say, name: log, configs: { message: "{{every__total}} and {{every__big}}" } }
${after}
connections:
  data: ["src.data - every.input", ${PORTS.map((port) => `"every.${port} - out_${port}.input"`).join(', ')}]
  control: ["facts (1|) src", "out_rows (1|) say"${connection}]`
}

describe('a module of a project, in TypeScript as it is,', () => {
  it('gets every part of its context, and all that it returns arrives', async () => {
    const place = await project()
    const job = await place.build(flow(', factor: 3, column: a'))
    const summary = await place.run(job, { set: [`root=${place.root}`], log: { level: 'debug', destinations: ['file'] } })
    expect(summary.errors).toEqual([])
    const notes = readNotes(place)
    expect(notes.map(({ step }) => step)).toEqual(['setup', 'run', 'staged', 'commit 1', 'commit 2', 'teardown'])
    const columns = [
      { name: 'a', type: 'INTEGER' },
      { name: 'big', type: 'BIGINT' },
    ]
    expect(notes[1]).toMatchObject({
      nodeId: 'every',
      runId: summary.run,
      frame: '',
      attempt: 1,
      iterItem: true,
      iterIndex: true,
      twice: 6,
      outputs: [...PORTS].sort(),
      isAborted: false,
      token: expect.stringContaining(summary.run),
      dialect: 'duckdb',
      columns,
      own: columns,
      head: [{ a: 3 }],
      rows: [
        { a: 1, big: 'bigint 9007199254740993' },
        { a: 2, big: 'object null' },
        { a: 3, big: 'number 7' },
      ],
      batched: 3,
      arrow: 3,
      nRows: 3,
      uri: expect.stringMatching(/^memory:/),
      global: 3,
      missing: true,
      inWorker: { doubled: 42, isMainThread: false },
    })
    expect(notes[2]).toMatchObject({ written: { rows: 3, bytes: 8 } })
    expect(place.read('copied.csv')).toBe('a\n3\n6\n9\n')
    expect(place.read('created-1.txt')).toBe('created')
    expect(place.read('appended.txt')).toMatch(/^head\nline of \d\n$/)
    expect(readdirSync(path.join(place.root, 'parts')).sort()).toEqual(['odd=0', 'odd=1'])
    expect(Object.fromEntries(PORTS.map((port) => [port, place.read(`out/${port}.csv`)]))).toEqual({
      relation: 'a\n3\n6\n9\n',
      arrow: 'a,t\n1,x\n2,\n',
      batches: 'a,t\n1,t1\n2,t2\n3,t3\n',
      rows: 'a,d\n9007199254740993,1.10\n,\n',
      same: 'a,big\n1,9007199254740993\n2,\n3,7\n',
      registered: 'a\n',
    })
    const lines = place.log(summary)
    const said = lines.filter((line) => String(line.message ?? line.msg).startsWith('said at'))
    expect(said.map(({ level, node, run }) => ({ level, node, run }))).toEqual(
      ['debug', 'info', 'warn', 'error'].map((level) => ({ level, node: 'every', run: summary.run })),
    )
    expect(lines.some((line) => String(line.message ?? line.msg) === '3 and 9007199254740993')).toBe(true)
  })

  it('is set up and torn down once over all attempts, and rolls each failed one back in reverse order', async () => {
    const place = await project()
    const job = await place.build(flow(', column: a, fail_until: 2', { settings: ', retries: 2' }))
    const summary = await place.run(job, { set: [`root=${place.root}`] })
    expect(summary.errors).toEqual([])
    const notes = readNotes(place)
    const failed = ['run', 'staged', 'rollback 2', 'rollback 1']
    expect(notes.map(({ step }) => step)).toEqual(['setup', ...failed, ...failed, 'run', 'staged', 'commit 1', 'commit 2', 'teardown'])
    const runs = notes.filter(({ step }) => step === 'run')
    expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(new Set(runs.map(({ token }) => token)).size).toBe(3)
    expect(place.read('appended.txt').split('\n')).toHaveLength(3)
    expect([1, 2, 3].map((attempt) => existsSync(path.join(place.root, `created-${attempt}.txt`)))).toEqual([false, false, true])
  })

  it('that fails for good leaves nothing, is torn down, and is named with its place', async () => {
    const place = await project()
    const job = await place.build(flow(', column: a, fail_until: 9', { settings: ', retries: 1' }))
    const before = place.list()
    const summary = await place.run(job, { set: [`root=${place.root}`] })
    expect(summary.errors).toMatchObject([
      {
        code: 'MODULE_FAILED',
        node: 'every',
        message: expect.stringContaining('attempt 2 is to fail'),
        hint: expect.any(String),
        at: { line: 6 },
      },
    ])
    expect(
      readNotes(place)
        .map(({ step }) => step)
        .slice(-3),
    ).toEqual(['rollback 2', 'rollback 1', 'teardown'])
    expect(place.list().filter((name) => !before.includes(name) && !name.startsWith('jobs/'))).toEqual(['notes.jsonl'])
  })

  it('publishes the list of a loop when it is defined with items, and is refused one when it is not', async () => {
    const place = await project()
    const job = await place.build(`
modules: [{ id: days, name: list_days }]
connections: { data: [], control: [] }`)
    const summary = await place.run(job)
    expect(summary).toMatchObject({ status: 'completed', errors: [] })
    expect(readFileSync(path.join(summary.folder, 'journal.log'), 'utf8')).toBeTruthy()
    expect(replayWhole(path.join(summary.folder, 'journal.log')).completed.size).toBe(1)
    place.write('modules/solo/list_days.ts', LIST_DAYS.replace('  items: true,\n', ''))
    const refused = await place.run(
      await place.build('modules: [{ id: days, name: list_days }]\nconnections: { data: [], control: [] }', 'other'),
    )
    expect(refused.errors).toMatchObject([{ code: 'MODULE_FAILED', node: 'days', message: expect.stringContaining('items: true') }])
  })

  it.each([
    ["{ n: 'INTEGER' }", '[{ n: 1 }]', 'MODULE_FAILED', /{"n":"INTEGER"}; expected is a list/, /name: 'id', type: 'BIGINT'/],
    ["[{ name: 'n', type: 'INTEGER' }]", "[{ n: 1 }, { n: 'x' }]", 'BAD_ROW', /Column "n": 'x' is no INTEGER/, /author of the module/],
  ])('that puts out rows with the columns %s and %s is told what is wrong with them', async (columns, rows, code, message, hint) => {
    place = await createUserProject({
      'modules/source/numbers.js': `import { defineModule } from 'pypeline/sdk'
export default defineModule({
  name: 'numbers', type: 'source', version: '1.0.0', description: 'Numbers.', category: 'Tests',
  inputPorts: [], outputPorts: ['data'], globals: {}, packages: [], config: { required: {}, optional: {} },
  run: async () => ({ data: { columns: ${columns}, rows: ${rows} } }),
})
`,
    })
    const job = await place.build(`
modules: [{ id: some, name: numbers }, { id: out, name: csv_sink, configs: { output_path: out.csv } }]
connections: { data: [some.data - out.input], control: [] }`)
    const { errors } = await place.run(job)
    expect(errors).toMatchObject([{ code, node: 'some', message: expect.stringMatching(message), hint: expect.stringMatching(hint) }])
  })
})

it.each([
  ['5', 'a number'],
  ['null', 'null'],
  ['{}', 'an object without rows'],
  ['{ columns: [], rows: 3 }', 'an object without rows'],
])('what is no rows is no output of a module: %s', async (output, what) => {
  place = await createUserProject({
    'modules/source/odd_source.ts': `import { defineModule } from 'pypeline/sdk'
export default defineModule({
  name: 'odd_source', type: 'source', version: '1.0.0', description: 'Gives what is no rows.', category: 'Tests',
  inputPorts: [], outputPorts: ['data'], globals: {}, packages: [], config: { required: {}, optional: {} },
  run: () => ({ data: ${output} }),
})
`,
  })
  const job = await place.build(`modules: [{ id: odd, name: odd_source }, { id: out, name: csv_sink, configs: { output_path: out.csv } }]
connections: { data: [odd.data - out.input], control: [] }`)
  const { errors } = await place.run(job)
  expect(errors).toMatchObject([
    { code: 'MODULE_FAILED', message: `The module odd_source put ${what} out on its port data; expected are rows.`, node: 'odd' },
  ])
})
