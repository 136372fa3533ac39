import { PypeError } from '../../../core/errors.js'
import type { ScanRelation } from '../../../sdk/relation.js'
import { checkCost } from './check-cost.js'
import { resolveCsv } from './csv.js'
import { resolveJson } from './json.js'
import { resolveParquet } from './parquet.js'
import type { ResolvedScan, ScanEnvironment } from './resolved-scan.js'

/** Looks at the files of a scan: which they are, and which columns they have. */
export async function resolveScan(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  if (environment.readAtMost !== undefined) await checkCost(scan, environment, environment.readAtMost)
  const resolved = await resolveFormat(scan, environment)
  const added = scan.fileNameColumn?.toLowerCase()
  if (resolved.columns.filter((column) => column.name.toLowerCase() === added).length > 1) {
    throw new PypeError('CONFIG_INVALID', `The files have a column "${scan.fileNameColumn}" already.`, {
      hint: 'choose another name in the config file_name',
    })
  }
  return resolved
}

function resolveFormat(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  switch (scan.format) {
    case 'csv':
      return resolveCsv(scan, environment)
    case 'json':
      return resolveJson(scan, environment)
    case 'parquet':
      return resolveParquet(scan, environment)
  }
}
