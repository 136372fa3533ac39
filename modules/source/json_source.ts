/** Reads the records of JSON files. */
import { defineModule, filesOf, rejectsOf, scan, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'json_source',
  type: 'source',
  version: '1.0.0',
  description:
    'Reads the records of JSON files: one array, or one record per line. Records that are broken or do not fit their types leave by reject.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data', 'reject'],
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
    rejected: { type: 'int', description: 'Bad records.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.reject}` },
  },
  packages: [],
  config: {
    required: {
      file_path: {
        type: ['path', 'list'],
        of: 'path',
        description: 'Path, list of paths, or glob. A path that exists is meant literally.',
        example: 'data/events.json',
      },
    },
    optional: {
      format: {
        type: 'enum',
        values: ['auto', 'array', 'lines'],
        description: 'One array, or one record per line; auto looks at the first character.',
        example: 'lines',
        default: 'auto',
      },
      columns: {
        type: ['columns', 'dict'],
        of: 'str',
        description: 'A list picks fields; a map picks them and gives their types. A field that a record lacks is NULL.',
        example: { id: 'BIGINT', tags: 'VARCHAR[]' },
      },
      compression: {
        type: 'enum',
        values: ['auto', 'none', 'gzip', 'zstd'],
        description: 'Compression; auto goes by the suffix .gz or .zst.',
        example: 'gzip',
        default: 'auto',
      },
      file_name: { type: 'str', description: "Name of a column to add with the path of each row's file.", example: 'source_file' },
      max_rejects: {
        type: ['int', 'str'],
        description:
          'Bad records, as a number or a percentage, after which the sub flow fails; counts while reject is connected. Default: no limit.',
        example: 100,
        min: 0,
        pattern: { regex: '\\d+(\\.\\d+)?%', expected: 'a number or a percentage' },
      },
    },
  },
  query: ({ config, outputs }) => {
    const { file_path, columns, file_name, format, compression } = config
    const data = scan({
      format: 'json',
      path: file_path,
      columns,
      fileName: file_name,
      badRows: outputs.has('reject') ? 'reject' : 'fail',
      options: { format, compression },
    })
    return { data, reject: rejectsOf(data) }
  },
})
