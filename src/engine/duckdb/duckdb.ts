import { createRequire } from 'node:module'

/** The client of DuckDB, loaded as the CommonJS package that it is: an import first searches all its 180 files for names to export. */
export const duckdb: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api')
