/** Reads the rows of Parquet files. */
import { defineModule, filesOf, scan, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'parquet_source',
  type: 'source',
  version: '1.0.0',
  description: 'Reads the rows of Parquet files. All files of a glob must have the same columns.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data'],
  globals: {
    row_count: { type: 'int', description: 'Rows that left by data.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.data}` },
    file_size: {
      type: 'int',
      description: 'Bytes of all files.',
      query: ({ outputs }) => sql`SELECT sum(size) FROM ${filesOf(outputs.data)}`,
    },
    file_count: {
      type: 'int',
      description: 'Number of files.',
      query: ({ outputs }) => sql`SELECT count(*) FROM ${filesOf(outputs.data)}`,
    },
  },
  packages: [],
  config: {
    required: {
      file_path: {
        type: ['path', 'list'],
        of: 'path',
        description: 'Path, list of paths, or glob. A path that exists is meant literally.',
        example: 'data/flights.parquet',
      },
    },
    optional: {
      columns: {
        type: ['columns', 'dict'],
        of: 'str',
        description: 'A list picks columns; a map picks them and converts them to types.',
        example: ['id', 'amount'],
      },
      hive_partitioning: { type: 'bool', description: 'Folders called name=value become columns.', example: true, default: false },
      file_name: { type: 'str', description: "Name of a column to add with the path of each row's file.", example: 'source_file' },
    },
  },
  query: ({ config }) => {
    const { file_path, columns, file_name, hive_partitioning } = config
    const data = scan({ format: 'parquet', path: file_path, columns, fileName: file_name, options: { hive_partitioning } })
    return { data }
  },
})
