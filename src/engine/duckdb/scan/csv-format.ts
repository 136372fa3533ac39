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
}

/** The options of a csv scan, defaults filled in. */
export function readCsvFormat(options: FormatOptions): CsvFormat {
  const quote = textOption(options, 'quote', '"')
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
    decimal: options['decimal'] === ',' ? ',' : '.',
  }
}

function readEncoding(name: string): Encoding {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (plain === 'utf16' || plain === 'utf16le' || plain === 'utf16be') return 'utf-16'
  if (plain === 'latin1' || plain === 'iso88591') return 'latin-1'
  if (plain === 'windows1252' || plain === 'cp1252') return 'windows-1252'
  return 'utf-8'
}
