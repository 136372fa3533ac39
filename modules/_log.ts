/** What all modules that write into the log have alike. */
import type { ConfigSpec } from 'pypeline/sdk'

export const LEVEL = {
  type: 'enum',
  values: ['debug', 'info', 'warn', 'error'],
  description: 'Level of the lines.',
  example: 'warn',
  default: 'info',
} as const satisfies ConfigSpec
