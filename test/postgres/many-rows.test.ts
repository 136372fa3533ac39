import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { PYPE } from '../cli/pype-project.js'
import { BuiltProject, moveFlow } from './flow.js'
import { createDatabase, type TestDatabase } from './server.js'

const MEASURE = fileURLToPath(new URL('../bench/peak-memory.cjs', import.meta.url))

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})

/** Runs a job in a process of its own; its peak memory in MiB. */
function runMeasured(project: BuiltProject, job: string): number {
  const { status, output } = spawnSync(process.execPath, ['--require', MEASURE, PYPE, 'run', job, '--log', 'none'], {
    cwd: project.folder,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  expect(status, output[2] ?? '').toBe(0)
  return Number(output[3]) / 1024
}

// 1,000,000 rows of 500 bytes.
test.each([
  ['from server to server', [], 250],
  ['through the engine', [['derive_mod', { columns: { note: "note || 'x'" } }]], 400],
] as const)('a million rows go %s in a part of the memory that they take', async (_, between, limit) => {
  const project = new BuiltProject()
  await database.query('DROP TABLE IF EXISTS many; CREATE UNLOGGED TABLE many (id int, note text)')
  const query = `SELECT i AS id, repeat('0123456789', 49) AS note FROM generate_series(1, 1000000) AS i`
  const job = await project.build(moveFlow(database, { query }, { table: 'many' }, ...between))
  expect(runMeasured(project, job)).toBeLessThan(limit)
  expect(await database.query('SELECT count(*)::int AS n, min(length(note)) AS short FROM many')).toEqual([
    { n: 1_000_000, short: 490 + between.length },
  ])
})
