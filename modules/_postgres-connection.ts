/** The config that all modules of PostgreSQL have. */
import type { ConfigSpec } from 'pypeline/sdk'

export const CONNECTION = {
  type: 'connection',
  description:
    'The database: postgres://user:password@host:5432/database, or an object with host, port, database, user, password, ssl and options. It usually stands in the context.',
  example: '{{context.warehouse}}',
} as const satisfies ConfigSpec
