/** Runs statements on a PostgreSQL database. */
import {
  type DatabaseSession,
  defineModule,
  ExactValue,
  type Expression,
  PypeError,
  type QueryResult,
  type RunContext,
  type SqlValue,
} from 'pypeline/sdk'
import { CONNECTION } from '../_postgres-connection.js'
import { toParameter, toPostgresSql } from '../_postgres-sql.js'
import { endsTransaction, splitStatements } from '../_postgres-statements.js'
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
    const statements = splitStatements(sql)
    const faults: string[] = []
    if (statements.length > 1 && (params !== undefined || given.includes('params')))
      faults.push(`params go with one statement, and sql has ${statements.length}`)
    const ending = statements.find(endsTransaction)
    if (ending !== undefined && (transaction === true || !given.includes('transaction')))
      faults.push(`"${ending.slice(0, 40)}" would end the transaction that the statements are in: leave it out, or set transaction: false`)
    return faults
  },
  run: async (_, ctx) => {
    const { connection, transaction } = ctx.config
    const statements = readStatements(ctx.config)
    const params = ctx.config.params?.map(toParameter)
    const perform = (session: DatabaseSession) => runAll(session, statements, params)
    if (transaction) {
      refuseOwnTransaction(statements)
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

function readStatements({ sql, params }: { readonly sql: Expression; readonly params?: readonly SqlValue[] | undefined }): string[] {
  const statements = splitStatements(toPostgresSql(sql))
  if (statements.length > 1 && params !== undefined) {
    throw new PypeError('CONFIG_INVALID', `params go with one statement, and sql has ${statements.length}.`, {
      hint: 'use a node for each statement, or templates in the text: a {{name}} in SQL is a value, never code',
    })
  }
  return statements
}

function refuseOwnTransaction(statements: readonly string[]): void {
  const found = statements.find(endsTransaction)
  if (found === undefined) return
  throw new PypeError('CONFIG_INVALID', `"${found.slice(0, 40)}" would end the transaction that the statements are in.`, {
    hint: 'leave it out: the statements commit together, with their sub flow; or set transaction: false',
  })
}

async function runAll(
  session: DatabaseSession,
  statements: readonly string[],
  params: readonly (string | null)[] = [],
): Promise<QueryResult> {
  let result: QueryResult = { columns: [], rows: [], count: 0 }
  for (const [i, statement] of statements.entries()) {
    try {
      result = await session.query(statement, params)
    } catch (error) {
      throw statements.length > 1 ? inStatement(error, i + 1, statements.length, statement) : error
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
