import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { validateFlow } from '../../../src/build/build.js'
import { DiagnosticsError } from '../../../src/core/errors.js'
import { openPostgres } from '../../../src/database/postgres/postgres.js'
import type { RunSummary } from '../../../src/run/run.js'
import { createDatabase, type TestDatabase } from '../../postgres/server.js'
import { createUserProject } from '../execution/user-project.js'
import type { JobPlace } from '../job/job-fixture.js'
import { INSERT_ROWS } from './insert-rows.js'
import { READ_NEW } from './read-new.js'

const SOURCE = '{ id: src, name: read_new, configs: { connection: "{{context.source}}", table: s, cursor: x } }'
const SINK = '{ id: db, name: insert_rows, configs: { connection: "{{context.warehouse}}", table: t, append: true } }'
const HEAD = 'settings: { retries: 0 }\nmodules:\n'
const ONE_DATABASE = `${HEAD}  - ${SOURCE}\n  - ${SINK}\nconnections: { data: ["src.data - db.input"], control: [] }\n`
const WITH_FILE = `${HEAD}  - ${SOURCE}
  - ${SINK}
  - { id: file, name: csv_sink, configs: { output_path: out.csv, mode: append } }
connections: { data: ["src.data - db.input", "src.data - file.input"], control: [] }
`
const OVER_A_BOUNDARY = `${HEAD}  - ${SOURCE}
  - ${SINK}
  - { id: after, name: shell, configs: { command: ["test", "!", "-e", "fail"] } }
connections: { data: ["src.data - db.input"], control: ["src (1|) db", "db (1|) after"] }
`

let place: JobPlace
let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase()
  await database.query('CREATE TABLE t (x int); CREATE TABLE s (x int); INSERT INTO s VALUES (1), (2)')
  place = await createUserProject({ 'modules/sinks/insert_rows.ts': INSERT_ROWS, 'modules/source/read_new.ts': READ_NEW })
})
afterEach(() => place.remove())

const run = (job: string): Promise<RunSummary> => place.run(job, { set: { warehouse: database.url, source: database.url } })
const statusOf = async (job: string) => {
  const { status, errors } = await run(job)
  return [status, ...errors.map(({ code }) => code)]
}
const add = (...numbers: number[]) => database.query(`INSERT INTO s VALUES ${numbers.map((number) => `(${number})`).join(', ')}`)
const rows = async () => (await database.query('SELECT x FROM t ORDER BY x')).map(({ x }) => x)
const cursorInDatabase = async () => (await database.query('SELECT value FROM pype_commits WHERE run IS NULL')).map(({ value }) => value)
const stateFiles = () =>
  existsSync(path.join(place.root, 'jobs/sample/state')) ? readdirSync(path.join(place.root, 'jobs/sample/state')) : []
const state = () => JSON.parse(place.read('jobs/sample/state/sample.default.src.json'))

describe('the cursor of an incremental source', () => {
  it('is kept in the one database that its sub flow writes to, and each run reads what is new', async () => {
    const job = await place.build(ONE_DATABASE)
    expect(await statusOf(job)).toEqual(['completed'])
    expect([await rows(), await cursorInDatabase()]).toEqual([[1, 2], ['2']])
    await add(3, 4)
    expect(await statusOf(job)).toEqual(['completed'])
    expect(await statusOf(job)).toEqual(['completed'])
    expect([await rows(), await cursorInDatabase(), stateFiles()]).toEqual([[1, 2, 3, 4], ['4'], []])
  })

  it('is kept in a file when its sub flow writes files too', async () => {
    const job = await place.build(WITH_FILE)
    expect(await statusOf(job)).toEqual(['completed'])
    expect(state()).toMatchObject({ job: 'sample', context: 'default', node: 'src', value: '2' })
    await add(3)
    expect(await statusOf(job)).toEqual(['completed'])
    expect([await rows(), place.read('out.csv'), state().value, stateFiles()]).toEqual([
      [1, 2, 3],
      'x\n1\n2\n3\n',
      '3',
      ['sample.default.src.json'],
    ])
    expect(await cursorInDatabase()).toEqual([])
  })

  it('stays where it is when the sub flow fails', async () => {
    const job = await place.build(WITH_FILE)
    await database.query('ALTER TABLE t ADD CHECK (x < 3)')
    expect(await statusOf(job)).toEqual(['completed'])
    await add(3)
    expect(await statusOf(job)).toEqual(['failed', 'CONSTRAINT_VIOLATED'])
    expect(state().value).toBe('2')
  })

  it('moves when the run completes if the rows cross a boundary first', async () => {
    const job = await place.build(OVER_A_BOUNDARY)
    place.write('fail', '')
    await database.query('ALTER TABLE t ADD UNIQUE (x)')
    expect(await statusOf(job)).toEqual(['failed', 'COMMAND_FAILED'])
    expect([await rows(), stateFiles()]).toEqual([[1, 2], []])
    await expect(run(job)).rejects.toMatchObject({ code: 'CURSOR_WAITS', node: 'src' })
    const force = () => place.run(job, { force: true, set: { warehouse: database.url, source: database.url } })
    expect((await force()).errors).toMatchObject([{ code: 'CURSOR_MISSING' }])
    await database.query('DELETE FROM t')
    rmSync(path.join(place.root, 'fail'))
    expect((await force()).status).toEqual('completed')
    await add(3)
    expect(await statusOf(job)).toEqual(['completed'])
    expect([await rows(), state().value]).toEqual([[1, 2, 3], '3'])
  })

  it('moves with the resume of a run whose rows had crossed a boundary before it failed', async () => {
    const job = await place.build(OVER_A_BOUNDARY)
    place.write('fail', '')
    expect(await statusOf(job)).toEqual(['failed', 'COMMAND_FAILED'])
    await add(3)
    rmSync(path.join(place.root, 'fail'))
    const { status, errors } = await place.run(job, { resume: {}, set: { warehouse: database.url, source: database.url } })
    expect([status, errors]).toEqual(['completed', []])
    expect([await rows(), state().value]).toEqual([[1, 2], '2'])
    expect(await statusOf(job)).toEqual(['completed'])
    expect([await rows(), state().value]).toEqual([[1, 2, 3], '3'])
  })

  it('moves once when the run dies at its very end, and is resumed', async () => {
    const job = await place.build(OVER_A_BOUNDARY)
    const { folder, run: id } = await run(job)
    const journal = path.join(folder, 'journal.log')
    const records = readFileSync(journal, 'utf8').trimEnd().split('\n')
    for (const kept of [
      records.findIndex((line) => line.includes(' intent ') && line.includes('(cursors)')),
      records.length - 2,
      records.length - 1,
    ]) {
      const isBefore = kept < records.length - 2
      if (isBefore) rmSync(path.join(place.root, 'jobs/sample/state'), { recursive: true })
      writeFileSync(journal, `${records.slice(0, kept).join('\n')}\n`)
      const resumed = await place.run(job, { resume: { run: id }, set: { warehouse: database.url, source: database.url } })
      expect([resumed.status, resumed.errors, state().value, await rows()]).toEqual(['completed', [], '2', [1, 2]])
    }
  })

  it('is not missed by the second sink of a run that adds rows to the same target, nor by its resume', async () => {
    const sink = (id: string) => `  - { id: ${id}, name: csv_sink, configs: { output_path: out.csv, mode: append } }`
    const job = await place.build(`${HEAD}  - ${SOURCE}
${['one', 'two', 'three'].map(sink).join('\n')}
  - { id: between, name: shell, configs: { command: ["test", "!", "-e", "fail"] } }
connections:
  data: ["src.data - one.input", "src.data - two.input", "src.data - three.input"]
  control: ["src (1|) one", "src (2|) two", "two (1|) between", "src (3|) three"]
`)
    place.write('fail', '')
    const set = { source: database.url }
    expect((await place.run(job, { set })).errors).toMatchObject([{ code: 'COMMAND_FAILED' }])
    expect(place.read('out.csv')).toBe('x\n1\n2\n1\n2\n')
    rmSync(path.join(place.root, 'fail'))
    const { status, errors } = await place.run(job, { resume: {}, set })
    expect([status, errors, place.read('out.csv')]).toEqual(['completed', [], 'x\n1\n2\n1\n2\n1\n2\n'])
  })

  it('is missing where rows would be added to others: that is an error and no full load', async () => {
    await database.query('INSERT INTO t VALUES (1)')
    const { errors } = await run(await place.build(ONE_DATABASE))
    expect(errors).toMatchObject([{ code: 'CURSOR_MISSING', node: 'db', message: expect.stringContaining('src has no cursor') }])
    place.write('out.csv', 'x\n1\n')
    await database.query('DELETE FROM t')
    expect((await run(await place.build(WITH_FILE))).errors).toMatchObject([{ code: 'CURSOR_MISSING', node: 'file' }])
    expect([await rows(), place.read('out.csv')]).toEqual([[], 'x\n1\n'])
  })

  it('that another run has moved meanwhile fails the commit, and nothing is written', async () => {
    for (const [body, move] of [
      [ONE_DATABASE, () => database.query(`UPDATE pype_commits SET value = '9' WHERE run IS NULL`)],
      [WITH_FILE, async () => place.write('jobs/sample/state/sample.default.src.json', '{"value":"9"}')],
    ] as const) {
      const job = await place.build(body)
      expect(await statusOf(job)).toEqual(['completed'])
      await add(5)
      // When the first sink begins to write, the source has read its cursor.
      const openDatabase: typeof openPostgres = (spec) => {
        const opened = openPostgres(spec)
        const begin = opened.begin.bind(opened)
        opened.begin = async (token, signal) => {
          await move()
          return begin(token, signal)
        }
        return opened
      }
      const before = await rows()
      const { errors } = await place.run(job, { set: { warehouse: database.url, source: database.url }, seams: { openDatabase } })
      expect(errors).toMatchObject([{ code: 'CURSOR_MOVED', node: 'src' }])
      expect(await rows()).toEqual(before)
      await database.query('TRUNCATE t; DELETE FROM s WHERE x = 5')
    }
  })

  it('is of its source alone: with another table or another database the job does not read on', async () => {
    await database.query('CREATE TABLE s2 (x int); INSERT INTO s2 VALUES (7)')
    for (const body of [ONE_DATABASE, WITH_FILE]) {
      expect(await statusOf(await place.build(body))).toEqual(['completed'])
      const { errors } = await run(await place.build(body.replace('table: s,', 'table: s2,')))
      expect(errors).toMatchObject([
        {
          code: 'CURSOR_OTHER',
          node: 'src',
          message: expect.stringMatching(/was kept for table s, cursor x in postgres:\/\/[^@]+, and src reads table s2, cursor x in/),
          hint: expect.stringContaining(
            body === WITH_FILE ? 'state/sample.default.src.json' : 'the row of public.pype_commits whose id is cursor [',
          ),
        },
      ])
      await database.query('TRUNCATE t')
    }
    const other = await createDatabase()
    await other.query('CREATE TABLE s (x int); INSERT INTO s VALUES (7)')
    const job = await place.build(WITH_FILE)
    expect(await statusOf(job)).toEqual(['completed'])
    const { errors } = await place.run(job, { set: { warehouse: database.url, source: other.url } })
    expect(errors).toMatchObject([{ code: 'CURSOR_OTHER' }])
    expect(await rows()).toEqual([])
  })

  it('is of its targets too: a new one lacks the rows before it, while one that goes leaves nothing out', async () => {
    await database.query('CREATE TABLE t2 (x int)')
    expect(await statusOf(await place.build(ONE_DATABASE))).toEqual(['completed'])
    const { errors } = await run(await place.build(ONE_DATABASE.replace('table: t,', 'table: t2,')))
    expect(errors).toMatchObject([
      { code: 'CURSOR_OTHER', node: 'src', message: expect.stringMatching(/went to table t in .* go to table t2 in/) },
    ])
    const both = ONE_DATABASE.replace(
      'connections:',
      '  - { id: other, name: insert_rows, configs: { connection: "{{context.warehouse}}", table: t2, append: true } }\nconnections:',
    ).replace('"src.data - db.input"', '"src.data - db.input", "src.data - other.input"')
    expect(await statusOf(await place.build(both))).toEqual(['failed', 'CURSOR_OTHER'])
    await database.query('TRUNCATE t; DELETE FROM pype_commits')
    expect(await statusOf(await place.build(both))).toEqual(['completed'])
    expect(await statusOf(await place.build(ONE_DATABASE))).toEqual(['completed'])
  })

  it('is of the targets that its rows reach over a boundary too', async () => {
    await database.query('CREATE TABLE t2 (x int)')
    expect(await statusOf(await place.build(OVER_A_BOUNDARY))).toEqual(['completed'])
    expect(state().into).toEqual([expect.stringMatching(/^table t in postgres:/)])
    await add(3)
    const { errors } = await run(await place.build(OVER_A_BOUNDARY.replace('table: t,', 'table: t2,')))
    expect(errors).toMatchObject([
      { code: 'CURSOR_OTHER', node: 'src', message: expect.stringMatching(/went to table t in .* go to table t2 in/) },
    ])
    expect(await statusOf(await place.build(OVER_A_BOUNDARY))).toEqual(['completed'])
    expect(await rows()).toEqual([1, 2, 3])
  })

  it('is of the targets that the rows have gone to when the flow was mended before the resume', async () => {
    await place.build(OVER_A_BOUNDARY.replace('table: t,', 'table: missing,'))
    const job = path.join(place.root, 'jobs/sample')
    expect((await run(job)).status).toBe('failed')
    await place.build(OVER_A_BOUNDARY)
    const resumed = await place.run(job, { resume: {}, set: { warehouse: database.url, source: database.url } })
    expect([resumed.status, state().into]).toEqual(['completed', [expect.stringMatching(/^table t in /)]])
    await add(3)
    expect(await statusOf(job)).toEqual(['completed'])
    expect(await rows()).toEqual([1, 2, 3])
  })

  it('cannot be followed by rows that are added when some are read again', async () => {
    const job = await place.build(ONE_DATABASE.replace('cursor: x', 'cursor: x, lag: 1'))
    expect(await statusOf(job)).toEqual(['failed', 'CONFIG_INVALID'])
    const other = await place.build(ONE_DATABASE.replace('cursor: x', 'cursor: x, lag: 1').replace(', append: true', ''))
    expect(await statusOf(other)).toEqual(['completed'])
    expect(await statusOf(other)).toEqual(['completed'])
    expect(await rows()).toEqual([1, 2, 2])
  })

  it.each([
    ['in its sub flow', 'control: []'],
    ['over a boundary', 'control: ["src (1|) file"]'],
  ])('before a sink %s that overwrites is a warning of the build, and with a lag before one that appends an error', async (_, control) => {
    const withSink = (configs: string, source = SOURCE) => `${HEAD}  - ${source}
  - { id: file, name: csv_sink, configs: { ${configs} } }
connections: { data: ["src.data - file.input"], ${control} }
`
    const findingsOf = async (body: string) => {
      const head = 'flow: { name: sample, version: 1.0.0, authors: [tester], created: "2026-01-01" }\n'
      const { diagnostics } = await validateFlow(place.write('sample.yaml', head + body)).catch((error: unknown) => {
        if (error instanceof DiagnosticsError) return error
        throw error
      })
      return diagnostics.map(({ code, severity }) => [code, severity])
    }
    const warned = [['CURSOR_OVERWRITES', 'warning']]
    expect(await findingsOf(withSink('output_path: out.csv'))).toEqual(warned)
    expect(await findingsOf(withSink('output_path: out.csv, mode: overwrite'))).toEqual(warned)
    expect(await findingsOf(withSink('output_path: out.csv, mode: append'))).toEqual([])
    // Another one each time.
    expect(await findingsOf(withSink('output_path: "out-{{run.date}}.csv"'))).toEqual([])
    const lagging = SOURCE.replace('cursor: x', 'cursor: x, lag: 1')
    expect(await findingsOf(withSink('output_path: "out-{{run.date}}.csv", mode: append', lagging))).toEqual([['CONFIG_INVALID', 'error']])
    expect(await findingsOf(withSink('output_path: "out-{{run.date}}.csv"', lagging))).toEqual([])
  })

  it('before a sink whose mode turns out to be overwrite is a warning of the run, once for each sink', async () => {
    const sink = (id: string, target: string) =>
      `  - { id: ${id}, name: csv_sink, configs: { output_path: "${target}", mode: "{{context.mode}}" } }`
    const job = await place.build(`settings: { retries: 1, retry_delay: 0 }
modules:
  - ${SOURCE}
  - ${SINK}
${sink('file', 'out.csv')}
${sink('daily', '{{run.date}}.csv')}
${sink('later', 'later.csv')}
connections:
  data: ["src.data - db.input", "src.data - file.input", "src.data - daily.input", "src.data - later.input"]
  control: ["src (1|) later"]
`)
    const warnOf = async (mode: string) => {
      const summary = await place.run(job, { set: { warehouse: database.url, source: database.url, mode } })
      const coded = place.log(summary).filter(({ level, code }) => level === 'warn' && code !== undefined)
      return [summary.status, ...coded.map(({ code, node }) => `${code} ${node}`)]
    }
    expect(await warnOf('overwrite')).toEqual(['completed', 'CURSOR_OVERWRITES file', 'CURSOR_OVERWRITES later'])
    await add(3)
    await database.query('ALTER TABLE t ADD CHECK (x < 3) NOT VALID')
    // In the second attempt it is known.
    expect(await warnOf('overwrite')).toEqual(['failed', 'CURSOR_OVERWRITES file'])
    expect(await warnOf('append')).toEqual(['failed'])
  })

  it('inside a loop is an error of the build', async () => {
    const loop = `modules:
  - { id: list, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - ${SOURCE}
  - ${SINK}
connections: { data: ["src.data - db.input"], control: ["list (1|iterate) src"] }
`
    await expect(place.build(loop)).rejects.toMatchObject({
      diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'CURSOR_IN_LOOP', severity: 'error' })]),
    })
  })
})
