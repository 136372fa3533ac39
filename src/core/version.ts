/** The version of this package; a test holds it equal to package.json. */
export const PYPE_VERSION = '0.1.0'

/** The engine that flows are built for and jobs are run with, and the dialect of their SQL. */
export const ENGINE = { name: 'duckdb', dialect: 'duckdb', major: 1 } as const
