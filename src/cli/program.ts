import { Command, CommanderError } from 'commander'
import { PYPE_VERSION } from '../core/version.js'
import { EXIT, exitCodeOf } from './exit-codes.js'
import { columnsOf } from './terminal/columns-of.js'
import { printText } from './terminal/print-text.js'
import { toUsageError, unknownCommand } from './usage-error.js'

interface CommandFile {
  /** Adds the command with its options, help and action to the program. */
  readonly register: (program: Command) => void
}

/** Every command, in the order of the help. A command's file is loaded when it is called. */
const COMMANDS: { readonly [name: string]: () => Promise<CommandFile> } = {
  init: () => import('./commands/init.js'),
  new: () => import('./commands/new.js'),
  validate: () => import('./commands/validate.js'),
  build: () => import('./commands/build.js'),
  columns: () => import('./commands/columns.js'),
  lineage: () => import('./commands/lineage.js'),
  preview: () => import('./commands/preview.js'),
  profile: () => import('./commands/profile.js'),
  run: () => import('./commands/run.js'),
  runs: () => import('./commands/runs.js'),
  show: () => import('./commands/show.js'),
  logs: () => import('./commands/logs.js'),
  diff: () => import('./commands/diff.js'),
  clean: () => import('./commands/clean.js'),
  test: () => import('./commands/test.js'),
  graph: () => import('./commands/graph.js'),
  format: () => import('./commands/format.js'),
  'list-modules': () => import('./commands/list-modules.js'),
  'register-module': () => import('./commands/register-module.js'),
  'auto-register': () => import('./commands/auto-register.js'),
  'clear-registry': () => import('./commands/clear-registry.js'),
  doctor: () => import('./commands/doctor.js'),
  completion: () => import('./commands/completion.js'),
  complete: () => import('./commands/complete.js'),
  'test-case': () => import('./commands/test-case.js'),
}

/** Those that people call. */
const NAMES = Object.keys(COMMANDS).filter((name) => name !== 'complete' && name !== 'test-case')

const EXAMPLES = `
Examples:
  $ pype init shop                               make a project with a flow that runs
  $ pype list-modules filter_mod                 what a module takes and gives
  $ pype validate flows/daily.yaml               all that is wrong with a flow, at once
  $ pype preview flows/daily.yaml keep_adults    the first rows that leave a node
  $ pype run flows/daily.yaml                    build the job folder jobs/daily, and move the rows
  $ pype run jobs/daily --set day=2025-01-15     once more, as it was built

Exit codes: 0 completed, 1 failed, 2 command, flow or context wrong, 3 another run is going on, 130 cancelled.`

/** Runs the command that the arguments name and sets the exit code of the process. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(argv)
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed the help: it was asked for, or nothing was.
      process.exitCode = error.exitCode === 0 ? EXIT.completed : EXIT.wrong
      return
    }
    const { printError } = await import('./terminal/print-error.js')
    printError(error)
    process.exitCode = exitCodeOf(error)
  }
}

/** The program with the commands that the arguments call for; with none, all of them. */
export async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command('pype')
    .description('Builds ETL flows written in YAML into job folders, and runs them.')
    .version(PYPE_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => printText(text),
      writeErr: (text) => printText(text, process.stderr),
      getOutHelpWidth: () => columnsOf(process.stdout),
      getErrHelpWidth: () => columnsOf(process.stderr),
    })
  for (const [, load] of chooseCommands(argv)) (await load()).register(program)
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])])
    command.configureOutput({
      outputError: (text) => {
        throw toUsageError(text, command)
      },
    })
  return program
}

/** The command that is called, or whose help is asked for; all of them for the help and for a completion. */
function chooseCommands(argv: readonly string[]): readonly (readonly [string, () => Promise<CommandFile>])[] {
  const [first, second] = argv
  const name = first === 'help' ? second : first
  if (name === undefined || name.startsWith('-') || name === 'help' || name === 'complete') return Object.entries(COMMANDS)
  const load = COMMANDS[name]
  if (load === undefined || !Object.hasOwn(COMMANDS, name)) throw unknownCommand(name, NAMES)
  return [[name, load]]
}
