import { stat } from 'node:fs/promises'
import { PypeError } from '../../../core/errors.js'
import type { ScanRelation } from '../../../sdk/relation.js'
import { compressionOf } from './byte-stream.js'
import { readCsvFormat } from './csv-format.js'
import { listFiles, type SourceFile } from './files.js'
import { type ScanEnvironment, textOption } from './resolved-scan.js'

/** Throws FILE_UNREADABLE where the columns of a scan cannot be known without reading more than `limit` bytes, or from what can be read only once. */
export async function checkCost(scan: ScanRelation, { session, cwd }: ScanEnvironment, limit: number): Promise<void> {
  const files = await listFiles(session, scan.paths, cwd)
  for (const { path } of files) {
    if (!(await stat(path)).isFile()) throw new PypeError('FILE_UNREADABLE', `${path} is no regular file: it may be read only once.`)
  }
  const bytes = files.reduce((sum, file) => sum + (isReadWhole(scan, file) ? file.size : 0), 0)
  if (bytes <= limit) return
  throw new PypeError(
    'FILE_UNREADABLE',
    `All of ${Math.round(bytes / 1e6)} MB would have to be read to know them: declare the columns, or lock them.`,
  )
}

/** Fields may come first in the last record; what is compressed or not UTF-8 is tested or copied. */
function isReadWhole(scan: ScanRelation, { path }: SourceFile): boolean {
  if (scan.format === 'parquet') return false
  if (scan.format === 'json' || readCsvFormat(scan.options).encoding !== 'utf-8') return true
  return compressionOf(path, textOption(scan.options, 'compression', 'auto')) !== 'none'
}
