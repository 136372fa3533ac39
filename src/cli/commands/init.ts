import path from 'node:path'
import type { Command } from 'commander'
import { REGISTRY_FILE } from '../../registry/project.js'
import type { MadeProject } from '../../scaffold/project.js'

/** `pype init [FOLDER]`: makes a project. */
export function register(program: Command): void {
  program
    .command('init')
    .description('make a project: a flow that runs, its data, a module')
    .argument('[folder]', 'a new folder; without it the current one')
    .option('--author <name>', 'stands in the flow (default: the user of the machine)')
    .addHelpText(
      'after',
      `
Nothing is overwritten: where a file of the project is there already, nothing is made. A .gitignore and a README.md stay as they are.

Examples:
  $ pype init shop
  $ pype init shop --author "Ada Lovelace"
  $ cd shop && pype init`,
    )
    .action((name: string | undefined, flags: Flags) => init(name ?? '.', flags))
}

interface Flags {
  readonly author?: string
}

async function init(name: string, { author }: Flags): Promise<void> {
  const [{ makeProject }, { formatToday, usualAuthor }, { quoteWord }] = await Promise.all([
    import('../../scaffold/project.js'),
    import('../author.js'),
    import('../run-again.js'),
  ])
  const folder = path.resolve(name)
  const project = await makeProject({ folder, author: author ?? usualAuthor(process.env), today: formatToday(new Date()) })
  const here = path.relative(process.cwd(), folder)
  process.stdout.write(formatMade(project, here === '' ? undefined : quoteWord(here)))
}

/** What was made, and what comes next. `enter`: the folder to go to, for a shell. */
function formatMade({ made, kept }: MadeProject, enter: string | undefined): string {
  const files = made.map(({ path: file, about }): Line => [file, about])
  const next: Line[] = [
    ...(enter === undefined ? [] : [[`cd ${enter}`, ''] satisfies Line]),
    ['pype run flows/orders.yaml', 'build the flow and run it: it writes out/orders_by_city.csv'],
    ['pype graph flows/orders.yaml', 'see what it does'],
    ['pype new flow NAME --from FILE.csv', 'a flow on a file of your own'],
    ['pype new module NAME', `a module of your own; ${REGISTRY_FILE} lists it`],
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
