import { readFile } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { isObject, parseJson } from '../../../core/json.js'
import { quoteText } from '../statement/literal.js'

/** An operator of a statement that has run, with the number of rows that have left it. */
export interface ProfiledOperator {
  readonly name: string
  readonly rows: number
  /** The name of a part that is stored while the statement runs. */
  readonly part: string | undefined
  readonly children: readonly ProfiledOperator[]
}

const METRICS = JSON.stringify({ OPERATOR_NAME: 'true', OPERATOR_TYPE: 'true', OPERATOR_CARDINALITY: 'true', EXTRA_INFO: 'true' })

/** Runs one statement on a connection and reads its profile, which the engine writes to `file`; undefined when there is none. */
export async function profiling<T>(
  connection: DuckDBConnection,
  file: string,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly plan: ProfiledOperator | undefined }> {
  // A sample of a table would become part of its scan.
  await connection.run("SET disabled_optimizers = 'sampling_pushdown'")
  await connection.run("SET enable_profiling = 'json'")
  await connection.run(`SET profiling_output = ${quoteText(file)}`)
  await connection.run(`SET custom_profiling_settings = ${quoteText(METRICS)}`)
  try {
    const result = await run()
    const profile = parseJson(await readFile(file, 'utf8'))
    return { result, plan: profile === undefined ? undefined : readOperator(profile) }
  } finally {
    await connection.run('PRAGMA disable_profiling')
  }
}

function readOperator(value: unknown): ProfiledOperator | undefined {
  if (!isObject(value)) return undefined
  const { operator_name, operator_type, operator_cardinality, extra_info, children } = value
  const part = isObject(extra_info) ? extra_info['CTE Name'] : undefined
  const below = Array.isArray(children) ? children.map(readOperator).filter((child) => child !== undefined) : []
  return {
    name: String(operator_name ?? operator_type ?? '').trim(),
    rows: Number(operator_cardinality ?? 0),
    part: typeof part === 'string' ? part : undefined,
    children: below,
  }
}
