/** Reads the rows of Parquet files. */
import { defineModule, scan } from 'pypeline/sdk'
import { FILE_NAME, FILE_PATH, SOURCE_GLOBALS } from '../_files.js'

export default defineModule({
  name: 'parquet_source',
  type: 'source',
  version: '1.0.0',
  description: 'Reads the rows of Parquet files. All files of a glob must have the same columns.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data'],
  globals: SOURCE_GLOBALS,
  packages: [],
  config: {
    required: {
      file_path: { ...FILE_PATH, example: 'data/flights.parquet' },
    },
    optional: {
      columns: {
        type: ['columns', 'dict'],
        of: 'str',
        description: 'A list picks columns; a map picks them and converts them to types.',
        example: ['id', 'amount'],
      },
      hive_partitioning: { type: 'bool', description: 'Folders called name=value become columns.', example: true, default: false },
      file_name: FILE_NAME,
    },
  },
  query: ({ config }) => {
    const { file_path, columns, file_name, hive_partitioning } = config
    const data = scan({ format: 'parquet', path: file_path, columns, fileName: file_name, options: { hive_partitioning } })
    return { data }
  },
})
