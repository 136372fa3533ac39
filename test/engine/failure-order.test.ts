import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { toPypeError } from '../../src/engine/duckdb/failure/to-pype-error.js'

test.each(['CSV Error on Line: 3', 'CSV Parser state machine reached an invalid state', 'not in JSON: nan'])(
  'an unknown column that is called like another failure (%s) is told as an unknown column',
  async (column) => {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    try {
      await connection.run('SET errors_as_json = true')
      const error = await connection.run(`SELECT "${column}" FROM (SELECT 1 AS one)`).then(
        () => undefined,
        (thrown: unknown) => toPypeError(thrown),
      )
      expect(error).toMatchObject({ code: 'SQL_INVALID', message: `There is no column "${column}".` })
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  },
)
