import { readFile } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { PypeError } from '../../../core/errors.js'
import { isObject, parseJson } from '../../../core/json.js'
import { quoteText } from '../statement/literal.js'

/** An operator of a statement that has run, with the number of rows that have left it. */
export interface ProfiledOperator {
  readonly rows: number
  /** The columns that it makes; of a projection only. */
  readonly columns: readonly string[]
  readonly children: readonly ProfiledOperator[]
}

const METRICS = JSON.stringify({ OPERATOR_TYPE: 'true', OPERATOR_CARDINALITY: 'true', EXTRA_INFO: 'true' })

/** Runs one statement on a connection and reads its profile, which the engine writes to `file`. */
export async function profiling<T>(
  connection: DuckDBConnection,
  file: string,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly plan: ProfiledOperator }> {
  await connection.run("SET enable_profiling = 'json'")
  await connection.run(`SET profiling_output = ${quoteText(file)}`)
  await connection.run(`SET custom_profiling_settings = ${quoteText(METRICS)}`)
  try {
    const result = await run()
    const plan = readOperator(parseJson(await readFile(file, 'utf8')))
    if (plan === undefined) throw new PypeError('INTERNAL', 'The engine wrote no profile of a statement whose rows were to be counted.')
    return { result, plan }
  } finally {
    await connection.run('PRAGMA disable_profiling')
  }
}

function readOperator(value: unknown): ProfiledOperator | undefined {
  if (!isObject(value)) return undefined
  const { operator_type, operator_cardinality, extra_info, children } = value
  const below = Array.isArray(children) ? children.map(readOperator).filter((child) => child !== undefined) : []
  const columns = operator_type === 'PROJECTION' && isObject(extra_info) ? extra_info['Projections'] : undefined
  return {
    rows: Number(operator_cardinality ?? 0),
    // One alone is no list.
    columns: [columns].flat().filter((column) => typeof column === 'string'),
    children: below,
  }
}
