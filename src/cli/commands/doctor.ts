import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { formatQuantity } from '../../core/quantity.js'
import { wrapText } from '../../core/wrap-text.js'
import type { Finding } from '../../doctor/finding.js'
import { EXIT } from '../exit-codes.js'
import { openPage } from '../terminal/open-page.js'

/** `pype doctor`: whether jobs can run here. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description(
      'check whether jobs can run here: versions, memory, disk, rights, the engine, the project; with --connect the context, the secrets and the databases of a job',
    )
    .argument('[job|flow]', 'a job folder, the name of one in jobs/, or a flow file: its settings count too')
    .option('--connect', 'read its context and its secrets, and reach the databases that it names')
    .option('--context <file|name>', 'with --connect: a context file, or the name of a context')
    .option('--set <name=value>', 'with --connect: a context value; may be given several times', (value, all: readonly string[] = []) => [
      ...all,
      value,
    ])
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Exits with 1 when something fails; a warning is no failure.

Examples:
  $ pype doctor
  $ pype doctor daily --connect --context prod
  $ pype doctor --json`,
    )
    .action((target: string | undefined, flags: Flags) => doctor(target, flags))
}

interface Flags {
  readonly connect?: boolean
  readonly context?: string
  readonly set?: readonly string[]
  readonly json?: boolean
}

async function doctor(target: string | undefined, flags: Flags): Promise<void> {
  if (target === undefined && flags.connect === true)
    throw new PypeError('USAGE', '--connect needs a job or a flow, whose databases are reached.', {
      hint: 'e.g. pype doctor daily --connect',
    })
  if (flags.connect !== true && (flags.context !== undefined || flags.set !== undefined))
    throw new PypeError('USAGE', '--context and --set go with --connect.', { hint: 'e.g. pype doctor daily --connect --context prod' })
  const findings = await examine(target, flags)
  if (flags.json === true) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
  else process.stdout.write(formatFindings(findings))
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = EXIT.failed
}

async function examine(target: string | undefined, flags: Flags): Promise<readonly Finding[]> {
  const [{ checkVersions, checkMachine, checkFolder, checkSpace }, { checkProject }] = await Promise.all([
    import('../../doctor/check-machine.js'),
    import('../../doctor/check-project.js'),
  ])
  const cwd = process.cwd()
  const job = target === undefined ? undefined : await loadTarget(target, cwd)
  const jobs = path.join(cwd, 'jobs')
  const spill = job?.spillDir === undefined ? tmpdir() : path.resolve(cwd, job.spillDir)
  return [
    ...checkVersions(process.versions.node),
    ...checkMachine(),
    ...(await checkFolder('runs', existsSync(jobs) ? jobs : cwd)),
    ...(existsSync(spill) ? await checkSpace(job?.spillDir === undefined ? 'temporary files' : 'spilled rows', spill) : []),
    ...(await checkProject(cwd)),
    ...(job === undefined || flags.connect !== true ? [] : await checkOutside(job, flags, cwd)),
  ]
}

type Target = Awaited<ReturnType<typeof loadTarget>>

/** What is known of a job, or of the job that a flow would be built into. Throws what is wrong with it. */
async function loadTarget(word: string, cwd: string) {
  const target = (await import('../find-job/find-target.js')).findTarget(word, cwd)
  if (target.kind === 'flow') {
    const { dag, metadata } = await (await import('../../build/build.js')).planFlowFile(target.file)
    const beside = path.dirname(path.resolve(cwd, target.file))
    const jobFolder = existsSync(path.join(beside, 'context')) ? beside : path.resolve(cwd, 'jobs', dag.flow.name)
    return { dag, jobFolder, timeZone: metadata.settings.time_zone, spillDir: metadata.settings.spill_dir ?? undefined }
  }
  const { dag, metadata, folder } = (await import('../../run/job/load-job.js')).loadJob(target.folder)
  return { dag, jobFolder: folder, timeZone: metadata.settings.time_zone, spillDir: metadata.settings.spill_dir ?? undefined }
}

/** What a run needs from outside of the job. The databases are not tried without what their connections may need. */
async function checkOutside({ dag, jobFolder, timeZone }: Target, { context, set = [] }: Flags, cwd: string): Promise<readonly Finding[]> {
  const [{ checkContext }, { checkDatabases }] = await Promise.all([
    import('../../doctor/check-context.js'),
    import('../../doctor/check-databases.js'),
  ])
  const source = { jobFolder, cwd, context, set, env: process.env }
  const findings = await checkContext(dag, source)
  if (findings.some(({ status }) => status === 'fail')) return findings
  return [...findings, ...(await checkDatabases(dag, { ...source, flow: dag.flow.name, timeZone }))]
}

const COLORS = { ok: 'green', warn: 'magenta', fail: 'red' } as const

function formatFindings(findings: readonly Finding[]): string {
  const { paint, wrapAt } = openPage(process.stdout)
  const width = Math.max(...findings.map(({ check }) => check.length))
  const place = { columns: wrapAt, lead: width + 8, indent: Math.min(width + 8, Math.floor(wrapAt / 2)) }
  const lines = findings.flatMap(({ check, status, message, hint }) => [
    `${paint(COLORS[status], status.padEnd(4))}  ${check.padEnd(width)}  ${wrapText(message, place)}`,
    ...(hint === undefined ? [] : [`${' '.repeat(width + 8)}${wrapText(`hint: ${hint}`, place)}`]),
  ])
  const wrong = findings.filter(({ status }) => status === 'fail').length
  const warned = findings.filter(({ status }) => status === 'warn').length
  const end =
    wrong > 0
      ? `${formatQuantity(wrong, 'check')} failed.`
      : `Jobs can run here${warned > 0 ? `, with ${formatQuantity(warned, 'warning')}` : ''}.`
  return `${lines.join('\n')}\n\n${end}\n`
}
