/** Reads the rows of CSV files. */
import { defineModule, rejectsOf, scan } from 'pypeline/sdk'
import { COMPRESSION, ENCODING, FILE_NAME, FILE_PATH, MAX_REJECTS, REJECTED, SOURCE_GLOBALS } from '../_files.js'

export default defineModule({
  name: 'csv_source',
  type: 'source',
  version: '1.0.0',
  description: 'Reads the rows of CSV files. Columns bind by name; rows that are broken or do not fit their types leave by reject.',
  category: 'Files',
  inputPorts: [],
  outputPorts: ['data', 'reject'],
  globals: { ...SOURCE_GLOBALS, rejected: REJECTED },
  packages: [],
  config: {
    required: {
      file_path: FILE_PATH,
    },
    optional: {
      columns: {
        type: ['columns', 'dict'],
        of: 'str',
        description:
          'A list picks columns; a map gives the types of all of them, or, with other_columns: ignore, of those to read. Without a header they go by position.',
        example: { id: 'BIGINT', day: 'DATE' },
      },
      other_columns: {
        type: 'enum',
        values: ['fail', 'ignore'],
        description: 'What to do about columns of a file that the map of columns does not name.',
        example: 'ignore',
        default: 'fail',
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
      encoding: ENCODING,
      null_text: { type: 'str', description: 'Unquoted text that means NULL.', example: 'NA', default: '' },
      date_format: { type: 'str', description: 'Format of dates, as strptime writes it. Default: ISO 8601.', example: '%d.%m.%Y' },
      timestamp_format: {
        type: 'str',
        description: 'Format of timestamps, as strptime writes it. Default: ISO 8601.',
        example: '%d.%m.%Y %H:%M',
      },
      decimal: { type: 'enum', values: ['.', ','], description: 'Decimal sign of numbers.', example: ',', default: '.' },
      thousands: {
        type: 'str',
        description: 'What stands between groups of three digits of numbers, as in 1.204,50. Default: nothing may.',
        example: '.',
        pattern: { regex: "[.,' \\u00a0\\u202f\\u2019]", expected: 'a point, a comma, an apostrophe or a blank' },
      },
      compression: COMPRESSION,
      file_name: FILE_NAME,
      max_rejects: MAX_REJECTS,
    },
  },
  check: ({ columns, decimal, thousands, other_columns }, given) => {
    const sign = decimal ?? (given.includes('decimal') ? undefined : '.')
    const faults = thousands !== undefined && thousands === sign ? ['thousands and decimal are the same'] : []
    if (other_columns === 'ignore' && (!given.includes('columns') || Array.isArray(columns)))
      faults.push('other_columns goes with a map of columns')
    return faults
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
