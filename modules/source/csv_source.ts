/** Reads the rows of CSV files. */
import { defineModule, filesOf, rejectsOf, scan, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'csv_source',
  type: 'source',
  version: '1.0.0',
  description: 'Reads the rows of CSV files. Columns bind by name; rows that are broken or do not fit their types leave by reject.',
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
    rejected: { type: 'int', description: 'Bad rows.', query: ({ outputs }) => sql`SELECT count(*) FROM ${outputs.reject}` },
  },
  packages: [],
  config: {
    required: {
      file_path: {
        type: ['path', 'list'],
        of: 'path',
        description: 'Path, list of paths, or glob. A path that exists is meant literally.',
        example: 'data/orders_*.csv',
      },
    },
    optional: {
      columns: {
        type: ['columns', 'dict'],
        of: 'str',
        description: 'A list picks columns; a map picks them and gives their types. Without a header they go by position.',
        example: { id: 'BIGINT', day: 'DATE' },
      },
      delimiter: { type: 'str', description: 'What separates two values.', example: ';', default: ',' },
      quote: {
        type: 'str',
        description: 'What encloses a value; empty: nothing does.',
        example: "'",
        default: '"',
        pattern: { regex: '.?', expected: 'one character or none' },
      },
      escape: {
        type: 'str',
        description: 'What stands before a quote inside of a quoted value. Default: the quote itself.',
        example: '\\',
        pattern: { regex: '.?', expected: 'one character or none' },
      },
      header: { type: 'bool', description: 'The first line has the names of the columns.', example: false, default: true },
      skip: { type: 'int', description: 'Lines to leave out before the header.', example: 2, default: 0, min: 0 },
      encoding: {
        type: 'enum',
        values: ['utf-8', 'utf-16', 'latin-1', 'windows-1252'],
        description: 'Encoding of the text.',
        example: 'latin-1',
        default: 'utf-8',
      },
      null_text: { type: 'str', description: 'Unquoted text that means NULL.', example: 'NA', default: '' },
      date_format: { type: 'str', description: 'Format of dates, as strptime writes it. Default: ISO 8601.', example: '%d.%m.%Y' },
      timestamp_format: {
        type: 'str',
        description: 'Format of timestamps, as strptime writes it. Default: ISO 8601.',
        example: '%d.%m.%Y %H:%M',
      },
      decimal: { type: 'enum', values: ['.', ','], description: 'Decimal sign of numbers.', example: ',', default: '.' },
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
          'Bad rows, as a number or a percentage, after which the sub flow fails; counts while reject is connected. Default: no limit.',
        example: '5%',
        min: 0,
        pattern: { regex: '\\d+(\\.\\d+)?%', expected: 'a number or a percentage' },
      },
    },
  },
  query: ({ config, outputs }) => {
    const { file_path, columns, file_name, max_rejects, ...options } = config
    const data = scan({
      format: 'csv',
      path: file_path,
      columns,
      fileName: file_name,
      badRows: outputs.has('reject') ? 'reject' : 'fail',
      options,
    })
    return { data, reject: rejectsOf(data) }
  },
})
