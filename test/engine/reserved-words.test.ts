import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { isReservedWord } from '../../src/engine/reserved-words.js'

test('the words of SQL that need quotes are those of the engine', async () => {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const rows = await (await connection.run('SELECT keyword_name, keyword_category FROM duckdb_keywords()')).getRows()
  connection.closeSync()
  instance.closeSync()
  const unlike = rows.filter(([word, category]) => isReservedWord(String(word)) !== /^(reserved|type_function)$/.test(String(category)))
  expect(unlike).toEqual([])
})
