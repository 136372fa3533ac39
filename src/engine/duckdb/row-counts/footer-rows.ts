import type { Relation, ScanRelation } from '../../../sdk/relation.js'
import { pathList } from '../scan/files.js'
import type { ResolvedScan } from '../scan/resolved-scan.js'
import type { Session } from '../session.js'

/** Whether the files of a relation say themselves how many rows they have. */
export function hasFooters(relation: Relation): relation is ScanRelation {
  return relation.kind === 'scan' && relation.format === 'parquet'
}

/** The rows that Parquet files have. */
export async function footerRows({ files }: ResolvedScan, session: Session, signal: AbortSignal): Promise<number> {
  if (files.length === 0) return 0
  return session.count(`SELECT sum(num_rows) FROM parquet_file_metadata(${pathList(files.map(({ path }) => path))})`, signal)
}
