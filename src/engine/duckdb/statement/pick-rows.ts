import type { Relation } from '../../../sdk/relation.js'
import { rawSql, sql } from '../../../sdk/sql.js'
import type { SampleSize } from '../../engine.js'

/** Rows of a relation that are picked at random. A number of rows is held in memory; of a share each row is picked or not as it comes. */
export function sampleRows(relation: Relation, size: SampleSize): Relation {
  const clause = 'rows' in size ? `reservoir(${size.rows} ROWS)` : `bernoulli(${size.percent} PERCENT)`
  return sql`SELECT * FROM ${relation} USING SAMPLE ${rawSql(clause)}`
}

/**
 * The first rows of a relation. With a constant limit above a filter the engine reads all files to the end, in all threads, so as to find
 * the first rows again; with one that it cannot know when it plans it reads in order, and stops as soon as it has them.
 */
export function firstRows(relation: Relation, count: number): Relation {
  return sql`SELECT * FROM ${relation} LIMIT CAST(${rawSql(String(count))} + floor(random()) AS BIGINT)`
}
