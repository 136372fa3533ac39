/** Reads the records of JSON files. */
import { defineModule, rejectsOf, scan } from 'pypeline/sdk'
import { COMPRESSION, FILE_NAME, FILE_PATH, MAX_REJECTS, REJECTED, SOURCE_GLOBALS } from '../_files.js'

export default defineModule({
  name: 'json_source',
  type: 'source',
  version: '1.0.0',
  description:
    'Reads the records of JSON files: one array, or one record per line. Records that are broken or do not fit their types leave by reject.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data', 'reject'],
  globals: { ...SOURCE_GLOBALS, rejected: REJECTED },
  packages: [],
  config: {
    required: {
      file_path: { ...FILE_PATH, example: 'data/events.json' },
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
      compression: COMPRESSION,
      file_name: FILE_NAME,
      max_rejects: MAX_REJECTS,
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
