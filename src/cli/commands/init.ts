import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import type { MadeProject } from '../../scaffold/project.js'

/** `pype init [FOLDER]`: makes a project. */
export function register(program: Command): void {
  program
    .command('init')
    .description('make a project: a flow that runs, its data, a module; asks on a terminal for what is not given')
    .argument('[folder]', 'a new folder; without it the current one')
    .option('--author <name>', 'stands in the flow (default: the user of the machine)')
    .option('-y, --yes', 'ask nothing')
    .addHelpText(
      'after',
      `
Nothing is overwritten: where a file of the project is there already, nothing is made. A .gitignore and a README.md stay as they are.

Examples:
  $ pype init shop
  $ pype init shop --author "Ada Lovelace" --yes
  $ cd shop && pype init`,
    )
    .action((name: string | undefined, flags: Flags) => init(name, flags))
}

interface Flags {
  readonly author?: string
  readonly yes?: boolean
}

async function init(name: string | undefined, flags: Flags): Promise<void> {
  const [{ makeProject }, { askText, openTerminal }, { formatToday, usualAuthor }, { quoteWord }] = await Promise.all([
    import('../../scaffold/project.js'),
    import('../terminal/ask.js'),
    import('../author.js'),
    import('../../core/quote-word.js'),
  ])
  const terminal = flags.yes === true ? undefined : openTerminal()
  const where =
    name ?? (terminal === undefined ? '.' : await askText(terminal, 'Which folder? A new one, or . for this one', '.', findFault))
  const usual = usualAuthor(process.env)
  const author = flags.author ?? (terminal === undefined ? usual : await askText(terminal, 'Who is the author?', usual))
  const folder = path.resolve(where)
  const project = await makeProject({ folder, author, today: formatToday(new Date()) })
  const here = path.relative(process.cwd(), folder)
  process.stdout.write(formatMade(project, here === '' ? undefined : quoteWord(here)))
}

/** Why no project can be made there, as far as can be seen before the next question. */
function findFault(where: string): string | undefined {
  let there = path.resolve(where)
  while (!existsSync(there)) there = path.dirname(there)
  if (!statSync(there).isDirectory()) return `${path.relative('.', there)} is a file, and no folder.`
  return existsSync(path.join(where, 'ModRegistry.json'))
    ? `There is a project in ${where === '.' ? 'this folder' : where} already.`
    : undefined
}

/** What was made, and what comes next. `enter`: the folder to go to, for a shell. */
function formatMade({ made, kept }: MadeProject, enter: string | undefined): string {
  const files = made.map(({ path: file, about }): Line => [file, about])
  const next: Line[] = [
    ...(enter === undefined ? [] : [[`cd ${enter}`, ''] satisfies Line]),
    ['pype run flows/orders.yaml', 'build and run it, into out/'],
    ['pype graph flows/orders.yaml', 'see what it does'],
    ['pype test', 'run the tests of the flows'],
    ['pype new flow NAME --from FILE.csv', 'a flow on a file of your own'],
    ['pype new module NAME', 'a module of your own'],
  ]
  return [
    enter === undefined ? 'The project is made:' : `The project is made in ${enter}:`,
    ...formatLines(files),
    ...kept.map((file) => `${file} was there, and stays as it is.`),
    '',
    'Next:',
    ...formatLines(next),
    '',
  ].join('\n')
}

type Line = readonly [left: string, right: string]

function formatLines(lines: readonly Line[]): string[] {
  const width = Math.max(...lines.map(([left]) => left.length))
  return lines.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd())
}
