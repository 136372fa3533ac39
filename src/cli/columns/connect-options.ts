import type { Command } from 'commander'
import type { ColumnOptions } from '../../build/columns/node-world.js'
import { PypeError } from '../../core/errors.js'
import { findContextFolder } from '../find-context-folder.js'

/** The options of the commands that check columns. */
export interface ConnectFlags {
  readonly connect?: boolean
  readonly context?: string
  readonly set?: readonly string[]
}

/** Adds the options with which databases are asked for the columns of their tables. */
export function addConnectOptions(command: Command): Command {
  return command
    .option('--connect', 'ask databases for the columns of their tables; nothing is connected to without it')
    .option('--context <file|name>', 'with --connect: a context file, or the name of a context')
    .option('--set <name=value>', 'with --connect: a context value; may be given several times', collect)
}

/** What the columns of a flow are looked for with. `out`: the folder of the job folders, whose context counts where there is none beside the flow. */
export function readColumnOptions(file: string, { connect = false, context, set = [] }: ConnectFlags, out: string): ColumnOptions {
  const cwd = process.cwd()
  if (!connect && (context !== undefined || set.length > 0))
    throw new PypeError('USAGE', '--context and --set go with --connect.', { hint: 'a build does not depend on the values of a context' })
  if (!connect) return { cwd }
  return {
    cwd,
    connect: async ({ name, timeZone }) => {
      const { createConnector } = await import('../../run/database-connections/create-connector.js')
      const jobFolder = findContextFolder(file, name, out, cwd)
      return createConnector({ flow: name, timeZone, jobFolder, cwd, context, set, env: process.env })
    },
  }
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value]
}
