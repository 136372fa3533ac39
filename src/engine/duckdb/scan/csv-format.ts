import { PypeError } from '../../../core/errors.js'
import type { Json } from '../../../core/json.js'
import type { FormatOptions } from '../../../sdk/relation.js'
import type { Dialect } from './csv-records.js'
import { textOption } from './resolved-scan.js'
import type { Encoding } from './transcode.js'

/** How the files of a csv scan are written. */
export interface CsvFormat extends Dialect {
  readonly header: boolean
  /** Lines before the header. */
  readonly skip: number
  readonly encoding: Encoding
  readonly nullText: string
  readonly compression: string
  readonly dateFormat: string | undefined
  readonly timestampFormat: string | undefined
  readonly decimal: '.' | ','
  /** The character between groups of three digits; undefined: there is none. */
  readonly thousands: string | undefined
  /** Columns of a file that a map of columns does not name are left out, and no error. */
  readonly ignoresOthers: boolean
}

/** The options of a csv scan, defaults filled in. */
export function readCsvFormat(options: FormatOptions): CsvFormat {
  const quote = textOption(options, 'quote', '"')
  const decimal = options['decimal'] === ',' ? ',' : '.'
  return {
    delimiter: textOption(options, 'delimiter', ','),
    quote,
    escape: textOption(options, 'escape', quote),
    header: options['header'] !== false,
    skip: typeof options['skip'] === 'number' ? options['skip'] : 0,
    encoding: readEncoding(textOption(options, 'encoding', 'utf-8')),
    nullText: textOption(options, 'null_text', ''),
    compression: textOption(options, 'compression', 'auto'),
    dateFormat: typeof options['date_format'] === 'string' ? options['date_format'] : undefined,
    timestampFormat: typeof options['timestamp_format'] === 'string' ? options['timestamp_format'] : undefined,
    decimal,
    thousands: readThousands(options['thousands'], decimal),
    ignoresOthers: options['other_columns'] === 'ignore',
  }
}

function readThousands(value: Json | undefined, decimal: string): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value === decimal) {
    throw new PypeError(
      'CONFIG_INVALID',
      `thousands and decimal are both ${JSON.stringify(value)}: no number could be told from another.`,
      {
        hint: `set decimal to ${value === ',' ? '"."' : '","'}, or leave out thousands`,
      },
    )
  }
  return value
}

function readEncoding(name: string): Encoding {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (plain === 'utf16' || plain === 'utf16le' || plain === 'utf16be') return 'utf-16'
  if (plain === 'latin1' || plain === 'iso88591') return 'latin-1'
  if (plain === 'windows1252' || plain === 'cp1252') return 'windows-1252'
  return 'utf-8'
}
