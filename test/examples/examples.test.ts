import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetReadObjects } from 'hyparquet'
import { ParquetReader } from 'parquetjs-lite'
import { expect, onTestFinished, test } from 'vitest'
import { runPype } from '../cli/pype-project.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Builds and runs an example as its readers would: from the root of the repository. Returns the folder with what it wrote. */
async function runExample(name: string, set: readonly string[], run: readonly string[] = []): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype example ü '))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const flow = path.join(ROOT, 'examples', name, `${name}.yaml`)
  expect(await runPype(['build', flow, '--out', path.join(folder, 'jobs')], ROOT, {})).toMatchObject({ code: 0 })
  const job = path.join(folder, 'jobs', name)
  const ended = await runPype(
    ['run', job, ...set.flatMap((each) => ['--set', each.replace('DIR', folder)]), ...run.map((each) => each.replace('DIR', folder))],
    ROOT,
    {},
  )
  expect(ended).toMatchObject({ code: 0 })
  expect(ended.stdout).toMatch(/ completed\n$/)
  return folder
}

async function query(sql: string): Promise<readonly unknown[][]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  return (await connection.runAndReadAll(sql)).getRowsJson()
}

test('flights: 3,000,000 rows are joined, filtered with rejects, summed up, and all accounted for', async () => {
  const folder = await runExample('flights', ['out=DIR/out'])
  const data = path.join(ROOT, 'node_modules/vega-datasets/data')
  const out = path.join(folder, 'out')
  expect(readdirSync(out).sort()).toEqual(['airports_by_delay.csv', 'late_flights.parquet', 'set_aside.csv'])
  const airports = readFileSync(path.join(out, 'airports_by_delay.csv'), 'utf8').trimEnd().split('\n')
  expect(airports[0]).toBe('state,origin,name,flights,mean_delay,late_share,longest_delay')
  const aside = readFileSync(path.join(out, 'set_aside.csv'), 'utf8').trimEnd().split('\n').length - 1
  const kept = airports.slice(1).reduce((sum, line) => sum + Number(line.split(',').at(-4)), 0)
  expect(kept + aside).toBe(3_000_000)
  const plausible = `SELECT * FROM '${data}/flights-3m.parquet' f JOIN '${data}/airports.csv' a ON f.origin = a.iata WHERE delay BETWEEN -90 AND 1440 AND distance > 0`
  expect(await query(`SELECT count(*), sum(delay) FROM '${out}/late_flights.parquet'`)).toEqual(
    await query(`SELECT count(*), sum(delay) FROM (${plausible}) WHERE delay > 180`),
  )
  expect(await query(`SELECT state, origin, flights, longest_delay FROM '${out}/airports_by_delay.csv' ORDER BY origin LIMIT 20`)).toEqual(
    await query(`SELECT state, origin, count(*), max(delay) FROM (${plausible}) GROUP BY ALL ORDER BY origin LIMIT 20`),
  )
})

test('sample_etl: the older sample builds and runs as it stands, in three sub flows, and others can read its Parquet', async () => {
  const folder = await runExample('sample_etl', [], ['--cwd', ROOT])
  const metadata = JSON.parse(readFileSync(path.join(folder, 'jobs/sample_etl/sample_etl_execution_metadata.json'), 'utf8'))
  expect(Object.keys(metadata.sub_flows).sort()).toEqual(['output_parquet', 'source_csv', 'transform_data'])
  const file = path.join(ROOT, 'out/sample_etl/output.parquet')
  const bytes = await readFile(file)
  const rows = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) })
  expect(rows.map((row) => row['name'])).toEqual(['Ada', 'Grace', 'Yukihiro'])
  const reader = await ParquetReader.openFile(file)
  const cursor = reader.getCursor()
  const names: unknown[] = []
  for (let row = await cursor.next(); row; row = await cursor.next()) names.push(row.city)
  await reader.close()
  expect(names).toEqual(['London', 'Arlington', '松江'])
})
