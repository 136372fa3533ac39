import path from 'node:path'
import type { Command } from 'commander'
import type { Dag, ExecutionMetadata } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'
import type { GraphFormat } from '../../graph/graph.js'
import { writeOut } from '../write-out.js'

/** `pype graph FLOW|JOB`: draws a flow, or how far a run of it has come. */
export function register(program: Command): void {
  program
    .command('graph')
    .description('draw a flow or a job: as text, or as a picture')
    .argument('<flow|job>', 'a flow file, a job folder, or the name of a job in jobs/')
    .option('-f, --format <format>', 'text, mermaid, dot, svg or html (default: that of --out, else text)')
    .option('-o, --out <file>', 'write to a file, whose ending may say the format (.svg, .html, .mmd, .dot)')
    .option('--run [run]', 'with how far a run has come: its id or a part of it, or last~1; without one the last run')
    .option('--runs <dir>', 'folder of the runs, instead of runs/ in the job folder')
    .addHelpText(
      'after',
      `
Examples:
  $ pype graph flows/daily.yaml
  $ pype graph flows/daily.yaml --out daily.svg
  $ pype graph daily --run --out daily.html
  $ pype graph daily --run 20260131T060000123-a1b2c3
  $ pype graph daily --format mermaid`,
    )
    .action((what: string, flags: Flags) => drawGraph(what, flags))
}

interface Flags {
  readonly format?: string
  readonly out?: string
  /** True: the last run. */
  readonly run?: string | true
  readonly runs?: string
}

interface Drawn {
  readonly dag: Dag
  readonly metadata: ExecutionMetadata
  /** The job folder; of a flow that `pype build` writes by default. */
  readonly job: string
}

async function drawGraph(what: string, flags: Flags): Promise<void> {
  const [{ drawFlow }, { GRAPH_FORMATS, renderGraph }, { openPage }] = await Promise.all([
    import('../../graph/drawing.js'),
    import('../../graph/graph.js'),
    import('../terminal/open-page.js'),
  ])
  const format = readFormat(flags, GRAPH_FORMATS)
  const { dag, metadata, job } = await drawnOf(what)
  const progress = flags.run === undefined ? undefined : await readRun(flags.run, flags.runs ?? path.join(job, 'runs'), dag, metadata)
  const page = openPage(flags.out === undefined ? process.stdout : undefined)
  const text = await renderGraph(drawFlow(dag, metadata, progress), format, page)
  if (flags.out === undefined) process.stdout.write(format === 'text' ? page.spell(text) : text)
  else await writeOut(flags.out, text)
}

async function drawnOf(what: string): Promise<Drawn> {
  const target = (await import('../find-job/find-target.js')).findTarget(what, process.cwd())
  return target.kind === 'flow' ? planFlow(target.file) : loadJob(target.folder)
}

async function planFlow(file: string): Promise<Drawn> {
  const { planFlowFile } = await import('../../build/build.js')
  const { flow, dag, metadata, diagnostics } = await planFlowFile(file)
  if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
  return { dag, metadata, job: path.join('jobs', flow.name) }
}

async function loadJob(jobFolder: string): Promise<Drawn> {
  const { dag, metadata, folder } = (await import('../../run/job/load-job.js')).loadJob(jobFolder)
  return { dag, metadata, job: folder }
}

async function readRun(run: string | true, runs: string, dag: Dag, metadata: ExecutionMetadata) {
  const [{ chooseRunOf }, { readProgress }] = await Promise.all([
    import('../past-runs/find/run-of-job.js'),
    import('../../run/history/read-progress.js'),
  ])
  const folder = path.resolve(runs)
  return readProgress(folder, chooseRunOf(dag.flow.name, folder, run === true ? 'last' : run), dag, metadata)
}

const FORMAT_OF_ENDING: { readonly [ending: string]: GraphFormat } = {
  '.txt': 'text',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
}

function readFormat({ format, out }: Flags, formats: readonly GraphFormat[]): GraphFormat {
  if (format === undefined) return FORMAT_OF_ENDING[path.extname(out ?? '').toLowerCase()] ?? 'text'
  const known = formats.find((each) => each === format)
  if (known !== undefined) return known
  throw new PypeError('USAGE', `--format ${format} is not known.`, { hint: suggestNearest(format, formats, `use ${formats.join(', ')}`) })
}
