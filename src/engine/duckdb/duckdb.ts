/** The client of DuckDB, under one name for all its types and values. */
export * as duckdb from '@duckdb/node-api'
