import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import type { ModuleType } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'
import type { ModulePlan } from '../../scaffold/module.js'
import type { SourceNode } from '../../scaffold/source/described-source.js'
import { printText } from '../terminal/print-text.js'

/** `pype new flow|module NAME`: makes a flow or a module to begin with. */
export function register(program: Command): void {
  const command = program
    .command('new')
    .helpCommand(false)
    .description('make a flow or a module to begin with; it validates and runs as it is')
    .addHelpText(
      'after',
      `
Examples:
  $ pype new flow daily --from data/people.csv
  $ pype new module dedupe_mod
  $ pype new module orders_api --type source`,
    )
  command
    .command('flow')
    .description('make a flow file that validates and runs')
    .argument('<flow-name>', 'the name of the flow, made in flows/ where there is such a folder; or the path of the file')
    .option('--from <file>', 'a CSV, JSON or Parquet file: the flow reads it, with the columns that are found in it')
    .option('--author <name>', 'stands in the flow (default: the user of the machine)')
    .addHelpText(
      'after',
      `
Examples:
  $ pype new flow daily
  $ pype new flow daily --from data/people.csv
  $ pype new flow reports/daily.yaml --author "Ada Lovelace"`,
    )
    .action((name: string, flags: FlowFlags) => newFlow(name, flags))
  command
    .command('module')
    .description("make a module in the project's modules/, and list it in its ModRegistry.json")
    .argument('<module-name>', 'lower-case letters, digits and _')
    .option('--type <type>', 'source, mod, sink or solo (default: what the name ends with, or asked on a terminal)')
    .option('--inputs <ports>', 'input ports, with commas; `name?` may stay open, `name*` takes several')
    .option('--outputs <ports>', 'output ports, with commas')
    .option('--code', 'a mod that handles rows in code, instead of SQL')
    .addHelpText(
      'after',
      `
Examples:
  $ pype new module dedupe_mod
  $ pype new module match_mod --inputs left,right --outputs output,reject
  $ pype new module orders_api --type source
  $ pype new module score_mod --code`,
    )
    .action((name: string, flags: ModuleFlags) => newModule(name, flags))
}

interface FlowFlags {
  readonly from?: string
  readonly author?: string
}

interface ModuleFlags {
  readonly type?: string
  readonly inputs?: string
  readonly outputs?: string
  readonly code?: boolean
}

async function newFlow(target: string, { from, author }: FlowFlags): Promise<void> {
  const [{ makeFlow }, { explainNear }, { formatToday, usualAuthor }, { quoteWord }] = await Promise.all([
    import('../../scaffold/make-flow.js'),
    import('../../scaffold/source/find-near-types.js'),
    import('../author.js'),
    import('../../core/quote-word.js'),
  ])
  const cwd = process.cwd()
  const file = /[/]|\.ya?ml$/i.test(target) ? target : path.join(existsSync(path.join(cwd, 'flows')) ? 'flows' : '', `${target}.yaml`)
  const { columns, nearTypes, faults } = await makeFlow({
    file,
    from,
    cwd,
    author: author ?? usualAuthor(process.env),
    today: formatToday(new Date()),
  })
  const found = columns === undefined ? '' : `, with the ${columns} columns of ${from}`
  const texts = nearTypes.map((near) => `  ${near.column}: ${explainNear(near)}\n`)
  const told =
    texts.length === 0 ? '' : `\nTexts for now, though nearly all of their values are something else:\n${texts.join('')}${MEND_TEXTS}`
  printText(
    `${file} is made${found}.\n${faults === undefined ? '' : tellFaults(faults, path.parse(file).name)}${told}\nNext:\n  pype run ${quoteWord(file)}\n`,
  )
}

/** What is wrong with the file, and how the flow takes it. */
function tellFaults({ renamed, broken, seen }: NonNullable<SourceNode['faults']>, name: string): string {
  const names = renamed.map(({ from, to }) => `  ${to}: ${from} once more\n`)
  const doubles =
    names.length === 0
      ? ''
      : `\nThe header has a name more than once, so the columns go by position, with names of their own:\n${names.join('')}`
  const rows = `\n${broken} of ${seen} rows ${broken === 1 ? 'has' : 'have'} too few or too many values: such rows go to out/${name}_bad.csv, with the reason.\n`
  return `${doubles}${broken === 0 ? '' : rows}`
}

const MEND_TEXTS = 'Give them their types in the flow, and connect rows.reject to go on without the rows that do not fit.\n'

async function newModule(name: string, flags: ModuleFlags): Promise<void> {
  const { makeModule } = await import('../../scaffold/make-module.js')
  const plan = await planModule(name, flags)
  const { file, registry, hides } = await makeModule(plan, process.cwd())
  const shown = (each: string) => path.relative(process.cwd(), each)
  if (hides)
    (await import('../terminal/print-warning.js')).printWarning(
      `In this project ${name} now stands for this module, and no more for the built-in one.`,
    )
  printText(`${shown(file)} is made, and listed in ${shown(registry)}.\n\nNext:\n  pype list-modules ${name}     how a flow uses it\n`)
}

async function planModule(name: string, { type: asked, inputs, outputs, code = false }: ModuleFlags): Promise<ModulePlan> {
  const { USUAL_PORTS } = await import('../../scaffold/module.js')
  const type = await chooseType(name, asked)
  if (code && type !== 'mod')
    throw new PypeError('USAGE', `--code is for a mod: a ${type} is made of code anyway.`, { hint: 'leave out --code' })
  const usual = USUAL_PORTS[type]
  return { name, type, inputPorts: readPorts(inputs) ?? usual.inputPorts, outputPorts: readPorts(outputs) ?? usual.outputPorts, code }
}

const MEANINGS: { readonly [type in ModuleType]: string } = {
  mod: 'rows in, rows out',
  source: 'rows out',
  sink: 'rows in',
  solo: 'no rows',
}

async function chooseType(name: string, asked: string | undefined): Promise<ModuleType> {
  const types: readonly ModuleType[] = ['source', 'mod', 'sink', 'solo']
  if (asked !== undefined) {
    const known = types.find((type) => type === asked)
    if (known !== undefined) return known
    throw new PypeError('USAGE', `--type ${asked} is not a type of modules.`, {
      hint: suggestNearest(asked, types, `use ${types.join(', ')}`),
    })
  }
  const said = types.find((type) => name.endsWith(`_${type}`))
  if (said !== undefined) return said
  const { askChoice, openTerminal } = await import('../terminal/ask.js')
  const terminal = openTerminal()
  if (terminal !== undefined) return askChoice(terminal, `What is ${name}?`, MEANINGS)
  throw new PypeError('USAGE', `The type of ${name} is not known.`, { hint: `give --type: ${types.join(', ')}` })
}

function readPorts(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').flatMap((port) => (port.trim() === '' ? [] : [port.trim()]))
}
