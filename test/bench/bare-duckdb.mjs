// The side that pype is measured against: runs the SQL of a file in DuckDB, statement by statement, with nothing around it.
import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

const [, , file, memoryLimit, spill] = process.argv
const instance = await DuckDBInstance.create(':memory:', { memory_limit: memoryLimit, temp_directory: spill })
const connection = await instance.connect()
for (const statement of readFileSync(file, 'utf8').split(';\n')) {
  if (statement.trim() !== '') await connection.run(statement)
}
