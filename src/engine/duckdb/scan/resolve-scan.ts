import type { ScanRelation } from '../../../sdk/relation.js'
import { resolveCsv } from './csv.js'
import { resolveJson } from './json.js'
import { resolveParquet } from './parquet.js'
import type { ResolvedScan, ScanEnvironment } from './resolved-scan.js'

/** Looks at the files of a scan: which they are, and which columns they have. */
export function resolveScan(scan: ScanRelation, environment: ScanEnvironment): Promise<ResolvedScan> {
  switch (scan.format) {
    case 'csv':
      return resolveCsv(scan, environment)
    case 'json':
      return resolveJson(scan, environment)
    case 'parquet':
      return resolveParquet(scan, environment)
  }
}
