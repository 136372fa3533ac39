/** Runs statements on a PostgreSQL database. */
import { type DatabaseSession, defineModule, ExactValue, PypeError, type QueryResult, type RunContext } from 'pypeline/sdk'
import { CONNECTION } from '../_postgres-connection.js'
import { toParameter, toPostgresSql } from '../_postgres-sql.js'
import { endsTransaction, type Statement, splitStatements } from '../_postgres-statements.js'
import { toGlobal } from '../_postgres-types.js'

export default defineModule({
  name: 'postgres_query',
  type: 'solo',
  version: '1.0.0',
  description:
    'Runs one or several statements on a PostgreSQL database, in one transaction that commits with the sub flow. The columns of the first row that the last one returns are globals: {{NODE__COLUMN}}; NULL when it returns none.',
  category: 'Databases',
  inputPorts: [],
  outputPorts: [],
  globals: { row_count: { type: 'int', description: 'Rows that the last statement changed or returned.' } },
  dynamicGlobals: () => ['*'],
  packages: [],
  config: {
    required: {
      connection: CONNECTION,
      sql: {
        type: 'sql',
        description: 'One or several statements in the SQL of PostgreSQL, with semicolons in between.',
        example: 'DELETE FROM sales.orders WHERE day = {{run.date}}',
      },
    },
    optional: {
      params: {
        type: 'list',
        description: 'Values for $1, $2, … of a single statement.',
        example: ['{{context.region}}'],
      },
      transaction: {
        type: 'bool',
        description:
          'false runs each statement by itself, for those that cannot stand in a transaction (VACUUM, CREATE DATABASE, CREATE INDEX CONCURRENTLY). A retry or a resume may then run them again.',
        example: false,
        default: true,
      },
    },
  },
  check: ({ sql, params, transaction }, given) => {
    // A text with templates is read when it runs.
    if (typeof sql !== 'string') return []
    const hasParams = params !== undefined || given.includes('params')
    return findFaults(splitStatements(sql), hasParams, transaction === true || !given.includes('transaction')).map(
      ({ message, hint }) => `${message}: ${hint}`,
    )
  },
  run: async (_, ctx) => {
    const { connection, transaction, sql } = ctx.config
    const params = ctx.config.params?.map(toParameter)
    const statements = splitStatements(toPostgresSql(sql))
    const [fault] = findFaults(statements, params !== undefined, transaction)
    if (fault !== undefined) throw new PypeError('CONFIG_INVALID', `${fault.message}.`, { hint: fault.hint })
    const perform = (session: DatabaseSession) => runAll(session, statements, params)
    if (transaction) {
      publish(ctx, await (await ctx.transaction(connection)).perform(perform))
      return
    }
    const session = await ctx.session(connection)
    try {
      publish(ctx, await perform(session))
    } finally {
      await session.close()
    }
  },
})

interface Fault {
  readonly message: string
  readonly hint: string
}

/** What the statements of a node cannot be together; a text with templates is read only when it runs. */
function findFaults(statements: readonly Statement[], hasParams: boolean, inTransaction: boolean): Fault[] {
  const faults: Fault[] = []
  if (statements.length > 1 && hasParams) {
    faults.push({
      message: `params go with one statement, and sql has ${statements.length}`,
      hint: 'use a node for each statement, or templates in the text, where a {{name}} is a value and never code',
    })
  }
  const ending = inTransaction ? statements.find(endsTransaction) : undefined
  if (ending !== undefined) {
    faults.push({
      message: `"${ending.text.slice(0, SHOWN)}" would end the transaction that the statements are in`,
      hint: 'leave it out, as they commit together, with their sub flow; or set transaction: false',
    })
  }
  return faults
}

async function runAll(
  session: DatabaseSession,
  statements: readonly Statement[],
  params: readonly (string | null)[] = [],
): Promise<QueryResult> {
  let result: QueryResult = { columns: [], rows: [], count: 0 }
  for (const [i, { text }] of statements.entries()) {
    try {
      result = await session.query(text, params)
    } catch (error) {
      throw statements.length > 1 ? inStatement(error, i + 1, statements.length, text) : error
    }
  }
  return result
}

function inStatement(error: unknown, place: number, count: number, statement: string): unknown {
  if (!(error instanceof PypeError) || error.code === 'CANCELLED') return error
  const begin = statement.replace(/\s+/g, ' ').slice(0, SHOWN)
  return new PypeError(
    error.code,
    `Statement ${place} of ${count} (${begin}${statement.length > SHOWN ? '…' : ''}): ${error.message}`,
    error,
  )
}

/** Characters of a statement in a message. */
const SHOWN = 60

function publish(ctx: Pick<RunContext, 'setGlobal'>, { columns, rows, count }: QueryResult): void {
  columns.forEach(({ name, typeId, typeModifier }, i) => {
    // Without a row the columns are known still: a valve can ask whether there was one.
    const { type, text } = toGlobal(typeId, typeModifier, rows[0]?.[i] ?? null)
    ctx.setGlobal(name, new ExactValue(type, text))
  })
  ctx.setGlobal('row_count', count)
}
