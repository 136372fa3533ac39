import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PASSWORD, type Server, startServer, USER } from '../postgres/start-server.js'
import type { BenchResult } from './bench.js'
import { type CommandLine, type Cost, measureSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const ROWS = 2_000_000
/** For the memory that ten times as many take. */
const FEW_ROWS = 500_000
const ROUNDS = 3
/** The variable in which the flows find the server. */
const SERVER = 'PYPE_BENCH_POSTGRES'

/** The columns of the tables: their types in PostgreSQL and in CSV files, and what they hold in row `i`. */
const COLUMNS = [
  ['id', 'bigint', 'BIGINT', 'i'],
  ['name', 'text', 'VARCHAR', "'customer ' || (i * 7919 % 1000003)"],
  ['qty', 'integer', 'INTEGER', 'i % 50'],
  ['price', 'numeric(10,2)', 'DECIMAL(10,2)', '(i * 31 % 100000) / 100.0'],
  ['day', 'date', 'DATE', "date '2020-01-01' + (i % 2000)::integer"],
  ['region', 'text', 'VARCHAR', "CASE WHEN i % 10 < 3 THEN 'north' WHEN i % 10 < 6 THEN 'south' ELSE 'west' END"],
  ['at', 'timestamp', 'TIMESTAMP', "timestamp '2020-01-01' + i * interval '1 second'"],
  ['paid', 'boolean', 'BOOLEAN', 'i % 2 = 0'],
  ['score', 'double precision', 'DOUBLE', 'i * 1.5'],
  ['note', 'text', 'VARCHAR', 'md5(i::text)'],
] as const

const VALUES = COLUMNS.map(([name, type, , value]) => `(${value})::${type} AS ${name}`).join(', ')
const NAMES = COLUMNS.map(([name]) => name).join(', ')

interface Flow {
  readonly modules: readonly string[]
  readonly data: readonly string[]
}

/** A flow, and the commands of psql that do the same or that it is held against. */
interface Contest {
  readonly name: string
  readonly flow: Flow
  /** A script of the shell, in which `$psql` runs the client. */
  readonly bare: string
  /** Statements before each run. */
  readonly before: string
  readonly limit: number
  /** MiB at the most. */
  readonly memory?: number
  /** The flow over a number of rows that the server makes up. */
  readonly growing?: (rows: number) => Flow
}

/** How long rows take from PostgreSQL and into it, against psql (of Debian's postgresql-client) on the same server, in turns. */
export default async function benchPostgres(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-bench-postgres-'))
  const server = await startServer()
  try {
    const bench = new PostgresBench(server, folder)
    bench.makeData()
    return bench.contests().flatMap((contest) => bench.run(contest))
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

class PostgresBench {
  readonly #url: string
  readonly #folder: string

  constructor({ host, port }: Server, folder: string) {
    this.#url = `postgres://${USER}:${PASSWORD}@${host}:${port}/postgres`
    process.env[SERVER] = this.#url
    this.#folder = folder
  }

  makeData(): void {
    const columns = COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')
    this.#psql(`
      CREATE TABLE source (${columns}, PRIMARY KEY (id)); INSERT INTO source SELECT ${VALUES} FROM generate_series(1::bigint, ${ROWS}) AS i;
      CREATE TABLE changed (${columns}, PRIMARY KEY (id));
      INSERT INTO changed SELECT id + ${ROWS / 2}, name, qty + 1, price, day, region, at, paid, score, 'changed ' || note FROM source;
      CREATE TABLE target (${columns}, PRIMARY KEY (id)); CREATE TABLE totals (${columns}, total numeric, PRIMARY KEY (id));
      CREATE UNLOGGED TABLE heap (${columns}, total numeric);
      VACUUM ANALYZE changed; VACUUM ANALYZE source`)
    this.#shell(`$psql -c "COPY source TO STDOUT (FORMAT csv, HEADER)" > ${this.#file('source.csv')}`)
  }

  contests(): Contest[] {
    const from = (table: string) => `{ id: rows, name: postgres_source, configs: { connection: "{{env.${SERVER}}}", table: ${table} } }`
    const made = (rows: number) =>
      `{ id: rows, name: postgres_source, configs: { connection: "{{env.${SERVER}}}", query: "SELECT ${VALUES} FROM generate_series(1::bigint, ${rows}) AS i" } }`
    const into = (table: string, more = '') =>
      `{ id: out, name: postgres_sink, configs: { connection: "{{env.${SERVER}}}", table: ${table}${more} } }`
    const parquet = `{ id: out, name: parquet_sink, configs: { output_path: ${this.#file('out.parquet')} } }`
    const types = JSON.stringify(Object.fromEntries(COLUMNS.map(([name, , type]) => [name, type])))
    const csv = `{ id: rows, name: csv_source, configs: { file_path: ${this.#file('source.csv')}, columns: ${types} } }`
    const direct = ['rows.data - out.input']
    const query = {
      modules: [
        '{ id: keep, name: filter_mod, configs: { condition: qty > 0 } }',
        '{ id: total, name: derive_mod, configs: { columns: { total: qty * price } } }',
      ],
      data: ['rows.data - keep.input', 'keep.output - total.input', 'total.output - out.input'],
    }
    const copyText = '$psql -c "COPY source TO STDOUT" | $psql -c "COPY target FROM STDIN"'
    const binary = '(FORMAT binary)'
    return [
      {
        name: 'PostgreSQL to PostgreSQL',
        flow: { modules: [from('source'), into('target')], data: direct },
        growing: (rows) => ({ modules: [made(rows), into('heap')], data: direct }),
        bare: `$psql -c "COPY source TO STDOUT ${binary}" | $psql -c "COPY target FROM STDIN ${binary}"`,
        before: 'TRUNCATE target',
        limit: 1.1,
        memory: 200,
      },
      {
        name: 'PostgreSQL, filter, column, PostgreSQL',
        flow: { modules: [from('source'), ...query.modules, into('totals')], data: query.data },
        growing: (rows) => ({ modules: [made(rows), ...query.modules, into('heap')], data: query.data }),
        bare: copyText,
        before: 'TRUNCATE target, totals',
        limit: 2,
      },
      {
        name: 'PostgreSQL, upsert into PostgreSQL',
        flow: { modules: [from('changed'), into('target', ', mode: upsert, keys: [id]')], data: direct },
        bare: this.#upsert(),
        before: `DROP TABLE target; CREATE TABLE target (LIKE source INCLUDING ALL); INSERT INTO target SELECT * FROM source; VACUUM ANALYZE target`,
        limit: 2.5,
      },
      {
        name: 'PostgreSQL to Parquet',
        flow: { modules: [from('source'), parquet], data: direct },
        growing: (rows) => ({ modules: [made(rows), parquet], data: direct }),
        bare: `$psql -c "COPY source TO STDOUT (FORMAT csv)" > ${this.#file('out.csv')}`,
        before: 'SELECT',
        limit: 1.4,
      },
      {
        name: 'CSV to PostgreSQL',
        flow: { modules: [csv, into('target')], data: direct },
        bare: `$psql -c "COPY target FROM STDIN (FORMAT csv, HEADER)" < ${this.#file('source.csv')}`,
        before: 'TRUNCATE target',
        limit: 1.3,
      },
    ]
  }

  run({ name, flow, growing, bare, before, limit, memory }: Contest): BenchResult[] {
    const file = name.replaceAll(/\W+/g, '_').toLowerCase()
    // Else the checkpoint that the rows of some runs bring about falls into the time of others.
    const prepare = () => this.#psql(`${before}; CHECKPOINT`)
    const [pype, psql] = measureSideBySide([this.#build(file, flow), ['sh', '-c', this.#script(bare)]], ROUNDS, prepare)
    if (pype === undefined || psql === undefined) return []
    const detail = `${Math.round(pype.milliseconds)} ms, psql: ${Math.round(psql.milliseconds)} ms`
    const results: BenchResult[] = [{ name: `${name}: time`, ratio: pype.milliseconds / psql.milliseconds, limit, detail }]
    if (memory !== undefined) results.push({ name: `${name}: memory`, ratio: pype.memory / 1024, limit: memory, unit: 'MiB' })
    if (growing === undefined) return results
    const jobs = [FEW_ROWS, 10 * FEW_ROWS].map((rows) => this.#build(`${file}_${rows}`, growing(rows)))
    const [few, many] = measureSideBySide(jobs, ROUNDS, () => this.#psql('TRUNCATE heap'))
    return few === undefined || many === undefined ? results : [...results, growth(name, few, many)]
  }

  #build(name: string, { modules, data }: Flow): CommandLine {
    const file = this.#file(`${name}.yaml`)
    const jobs = this.#file('jobs')
    mkdirSync(jobs, { recursive: true })
    writeFileSync(
      file,
      `flow: { name: ${name}, version: 1.0.0, authors: [bench], created: "2025-01-15" }\nmodules:\n${modules.map((module) => `  - ${module}\n`).join('')}connections: { data: ${JSON.stringify(data)}, control: [] }\n`,
    )
    execFileSync(process.execPath, [PYPE, 'build', file, '--out', jobs], { stdio: 'pipe' })
    return [process.execPath, PYPE, 'run', path.join(jobs, name), '--log', 'none']
  }

  #upsert(): string {
    const set = COLUMNS.slice(1)
      .map(([name]) => `${name} = excluded.${name}`)
      .join(', ')
    const statements = [
      'BEGIN',
      'CREATE TEMP TABLE load (LIKE target) ON COMMIT DROP',
      'COPY load FROM STDIN',
      `INSERT INTO target (${NAMES}) SELECT ${NAMES} FROM load ON CONFLICT (id) DO UPDATE SET ${set}`,
      'COMMIT',
    ]
    return `$psql -c "COPY changed TO STDOUT" | $psql ${statements.map((statement) => `-c "${statement}"`).join(' ')}`
  }

  #file(name: string): string {
    return path.join(this.#folder, name)
  }

  #psql(statements: string): void {
    this.#shell(
      statements
        .split(';')
        .map((statement) => `$psql -c "${statement.trim()}"`)
        .join(' && '),
    )
  }

  #shell(script: string): void {
    const { status, stderr } = spawnSync('sh', ['-c', this.#script(script)], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`)
  }

  #script(script: string): string {
    return `set -e; psql="psql -X -q -v ON_ERROR_STOP=1 ${this.#url}"; ${script}`
  }
}

function growth(name: string, few: Cost, many: Cost): BenchResult {
  return {
    name: `${name}: memory of ten times the rows`,
    ratio: many.memory / few.memory,
    limit: 1.1,
    detail: `${Math.round(many.memory / 1024)} MiB against ${Math.round(few.memory / 1024)} MiB`,
  }
}
