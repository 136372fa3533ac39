import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProject } from '../cli/pype-project.js'
import { createUserProject, readNotes } from '../run/execution/user-project.js'
import { openPlace, queryLines, runNodes } from './engine-flow.js'

const READ_ROWS = `import { appendFileSync } from 'node:fs'
import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'read_rows',
  type: 'sink',
  version: '1.0.0',
  description: 'Reads all rows.',
  category: 'Tests',
  inputPorts: ['input'],
  outputPorts: [],
  globals: {},
  packages: [],
  config: { required: { notes: { type: 'path', description: 'Where to note.', example: 'n' } }, optional: {} },
  run: async ({ input }, ctx) => {
    const seen = []
    for await (const row of input.rows()) seen.push(Object.values(row).map((value) => typeof value + ' ' + String(value)))
    appendFileSync(ctx.config.notes, JSON.stringify({ rows: seen.length, last: seen.at(-1) }) + '\\n')
  },
})
`

async function readRows(sql: string) {
  const place = await createUserProject({ 'modules/sinks/read_rows.ts': READ_ROWS })
  try {
    const nodes = [
      'seed inline_source { rows: [{ one: 1 }] }',
      `query sql_mod { sql: ${JSON.stringify(sql)} }`,
      'read read_rows { notes: "{{context.root}}/notes.jsonl" }',
    ]
    const summary = await runNodes(place, nodes, {
      data: ['seed.data - query.input', 'query.output - read.input'],
      run: { set: [`root=${place.root}`] },
    })
    return { errors: summary.errors, notes: summary.errors.length === 0 ? readNotes(place) : [] }
  } finally {
    place.remove()
  }
}

describe('rows that code reads', () => {
  // Fails when a query is streamed before it has run: the engine ends such a stream without an error.
  it('end in an error when their query fails in its middle', async () => {
    const { errors } = await readRows("SELECT CASE WHEN range = 150000 THEN error('row 150000') ELSE range END AS v FROM range(200000)")
    expect(errors).toMatchObject([{ code: 'SQL_FAILED', node: 'query', message: expect.stringContaining('row 150000') }])
  })

  // Fails when values are read as the binding converts them: DECIMAL becomes Number, TIMESTAMP a Date of milliseconds.
  it('are exact', async () => {
    const { notes } = await readRows(
      "SELECT 9007199254740993 AS big, 12 AS small, 12345678901234567890.123456789::DECIMAL(38,9) AS m, TIMESTAMP '2026-01-01 00:00:00.123456' AS t, 170141183460469231731687303715884105727::HUGEINT AS h, DATE '0001-01-01' AS d, 0.1 + 0.2::DOUBLE AS f",
    )
    expect(notes[0]).toEqual({
      rows: 1,
      last: [
        'bigint 9007199254740993',
        'number 12',
        'string 12345678901234567890.123456789',
        'string 2026-01-01 00:00:00.123456',
        'string 170141183460469231731687303715884105727',
        'string 0001-01-01',
        'number 0.30000000000000004',
      ],
    })
  })
})

describe('the engine', () => {
  const setting = async (name: string, settings = '') =>
    (await queryLines(`SELECT current_setting('${name}')::VARCHAR AS v FROM input`, { settings }))[0]

  it('is opened with a memory limit, and a folder of the run for what does not fit', async () => {
    expect(await setting('memory_limit', 'memory_limit: 321MB')).toMatch(/^306\.1 MiB/)
    expect(await setting('temp_directory')).toMatch(/\/jobs\/sample\/runs\/[^/]+\/spill/)
  })

  it('fetches no extensions and caches no footers', async () => {
    expect(await setting('autoinstall_known_extensions')).toMatch(/^false/)
    expect(await setting('autoload_known_extensions')).toMatch(/^false/)
    expect(await setting('enable_external_file_cache')).toMatch(/^false/)
  })

  it('is in the time zone of the job', async () => {
    const sql = "SELECT CAST(TIMESTAMPTZ '2026-01-01 23:00:00+00' AS DATE)::VARCHAR AS v FROM input"
    expect((await queryLines(sql))[0]).toMatch(/^2026-01-01/)
    expect((await queryLines(sql, { settings: 'time_zone: Asia/Tokyo' }))[0]).toMatch(/^2026-01-02/)
  })

  // Fails when a column is converted by TRY_CAST alone: the engine then also finds 128, 200 and 300 above 50.
  it('compares only values that fit their type', async () => {
    const place = openPlace({ 'in.csv': 'v\n60\n128\n200\n300\nx\n' })
    const nodes = [
      'read csv_source { file_path: in.csv, columns: { v: TINYINT } }',
      'keep filter_mod { condition: "v > 50" }',
      'out csv_sink { output_path: out.csv }',
      'bad csv_sink { output_path: bad.csv }',
    ]
    await runNodes(place, nodes, { data: ['read.data - keep.input', 'keep.output - out.input', 'read.reject - bad.input'] })
    expect(place.read('out.csv')).toBe('v\n60\n')
    expect(place.read('bad.csv').trimEnd().split('\n')).toHaveLength(5)
  })
})

describe('bytes that are not UTF-8', () => {
  // Fails when the database is not opened anew: each statement after it says that it has been invalidated.
  it('fail their own sub flow only: those after it run', async () => {
    const place = openPlace()
    writeFileSync(path.join(place.root, 'in.csv'), Buffer.from('n,name,x\n1,M\xfcller,y\n', 'latin1'))
    const nodes = [
      'start log { message: go }',
      'read csv_source { file_path: in.csv, columns: [name] }',
      'out csv_sink { output_path: out.csv }',
      'seed inline_source { rows: [{ a: 1 }] }',
      'fine csv_sink { output_path: fine.csv }',
    ]
    const summary = await runNodes(place, nodes, {
      data: ['read.data - out.input', 'seed.data - fine.input'],
      control: ['start (1|) read', 'start (2|) seed'],
      settings: 'fail_strategy: continue',
    })
    expect(summary.errors).toMatchObject([{ code: 'BAD_ROW', node: 'read' }])
    expect(place.read('fine.csv')).toBe('a\n1\n')
  })
})

describe('a Parquet file that was written anew in place', () => {
  // Fails when the engine's cache of footers is on.
  it('is read anew within the same process, of the same size and second', async () => {
    const place = openPlace()
    const write = (value: number) =>
      runNodes(place, [`seed inline_source { rows: [{ v: ${value} }] }`, 'out parquet_sink { output_path: x.parquet }'], {
        data: ['seed.data - out.input'],
      })
    for (const value of [1, 2]) {
      await write(value)
      await runNodes(place, ['read parquet_source { file_path: x.parquet }', 'out csv_sink { output_path: out.csv }'], {
        data: ['read.data - out.input'],
      })
      expect(place.read('out.csv')).toBe(`v\n${value}\n`)
    }
  })
})

describe('a query that fails while its file is written', () => {
  // Fails when COPY writes under the final name.
  it('leaves no part of the file under any name', async () => {
    const place = openPlace({ 'out.csv': 'older' })
    const sql = "SELECT CASE WHEN range = 1900000 THEN error('late') ELSE range END AS v FROM range(2000000)"
    const summary = await runNodes(
      place,
      ['seed inline_source { rows: [{ a: 1 }] }', `q sql_mod { sql: ${JSON.stringify(sql)} }`, 'out csv_sink { output_path: out.csv }'],
      { data: ['seed.data - q.input', 'q.output - out.input'] },
    )
    expect(summary.errors).toMatchObject([{ code: 'SQL_FAILED', node: 'q' }])
    expect(place.read('out.csv')).toBe('older')
    expect(readdirSync(place.root).sort()).toEqual(['jobs', 'out.csv', 'sample.yaml'])
  })
})

describe('the command', () => {
  it('gives the same bytes whatever the time zone and the locale of the machine', async () => {
    const project = createProject({
      'zone.yaml': `flow: { name: zone, version: 1.0.0, authors: [tester], created: "2026-01-01" }
modules:
  - { id: seed, name: inline_source, configs: { rows: [{ t: "2026-01-01 23:00:00+00", d: "1.5" }], columns: { t: TIMESTAMPTZ, d: DOUBLE } } }
  - { id: q, name: sql_mod, configs: { sql: "SELECT t, t::DATE AS day, d, strftime(t, '%A %B') AS name, 1234567.5 AS n FROM input ORDER BY ALL" } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["seed.data - q.input", "q.output - out.input"], control: [] }
`,
    })
    await project.pype(['build', 'zone.yaml'])
    const texts: string[] = []
    for (const env of [
      { TZ: 'UTC', LC_ALL: 'C' },
      { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' },
    ]) {
      expect((await project.pype(['run', 'jobs/zone'], { env })).code).toBe(0)
      texts.push(project.read('out.csv'))
    }
    expect(texts[1]).toBe(texts[0])
    expect(texts[0]).toContain('2026-01-01')
  })

  // Fails when the stub does not set the size of the pool: with four threads, four statements leave none for files.
  it('runs more statements at once than Node has threads by itself', async () => {
    const sinks = Array.from({ length: 8 }, (_, i) => i)
    const project = createProject({
      'wide.yaml': `flow: { name: wide, version: 1.0.0, authors: [tester], created: "2026-01-01" }
settings: { threads: 8 }
modules:
  - { id: seed, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: env, name: log, configs: { message: "pool {{env.UV_THREADPOOL_SIZE}}" } }
${sinks.map((i) => `  - { id: q${i}, name: sql_mod, configs: { sql: "SELECT count(*) AS n FROM input, range(3000000) WHERE hash(range) % 7 = ${i}" } }\n  - { id: s${i}, name: csv_sink, configs: { output_path: o${i}.csv } }`).join('\n')}
connections:
  data: [${sinks.map((i) => `"seed.data - q${i}.input", "q${i}.output - s${i}.input"`).join(', ')}]
  control: ["env (1|) seed"]
`,
    })
    expect((await project.pype(['build', 'wide.yaml'])).stderr).not.toMatch(/error/)
    const ended = await project.pype(['run', 'jobs/wide', '--log', 'stderr'], { env: { UV_THREADPOOL_SIZE: undefined } })
    expect(ended.code, ended.stderr).toBe(0)
    expect(ended.stderr).toContain('pool 16')
  })
})
