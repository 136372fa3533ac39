import { buildFlow } from '../../../src/build/build.js'
import { DiagnosticsError } from '../../../src/core/errors.js'
import type { Random } from '../interrupt/random.js'
import type { Draft, Unit } from './draft.js'
import { drawBroken, drawUnit } from './draw-unit.js'
import { writeFile } from './place.js'

/** A flow that ends the same way each time, and what lies there before. What it appends to is in the folder `grown`. */
export interface DrawnFlow {
  /** YAML without the head. */
  readonly text: string
  readonly files: { readonly [path: string]: string }
}

interface Hung extends Unit {
  readonly loops: readonly string[]
  readonly repeats: boolean
}

/** How a flow is drawn. */
export interface DrawOptions {
  /** One sub flow fails until the flow is mended, and a command behind every sub flow counts how often that ran. */
  readonly mendable?: boolean
  /** Sub flows write to two databases as well, and read from one. */
  readonly databases?: boolean
}

/** Draws a flow: loops in loops, frames at once, joins, gates, boundaries, background walks, retries, branches after failures. */
export function drawFlow(random: Random, { mendable = false, databases = false }: DrawOptions = {}): DrawnFlow {
  const draft: Draft = {
    modules: [
      {
        id: 'begin',
        name: 'log',
        configs: { message: databases ? 'begin in {{context.root}} {{context.schema}} {{context.port}}' : 'begin in {{context.root}}' },
      },
    ],
    data: [],
    control: [],
    files: {},
  }
  // With walks at once a halt would stop others at a place that nobody can foretell.
  const parallel = random.chance(0.5)
  const units: Hung[] = [{ first: 'begin', last: 'begin', ends: 'completed', loops: [], repeats: false }]
  const count = random.int(3, 7)
  const broken = mendable ? random.int(1, count) : undefined
  for (let i = 1; i <= count; i++) {
    const parent = units[Math.max(0, units.length - 1 - (random.chance(0.6) ? random.int(0, 1) : random.int(0, units.length)))]
    if (parent !== undefined) units.push(hangBelow(parent, i, { parallel, breaks: i === broken, databases }, draft, random))
  }
  if (mendable) for (const unit of units) addTick(unit, draft)
  // What stands on a changed sub flow runs again, also where another branch had started it: it would append twice.
  if (!mendable && random.chance(0.5)) addJoin(units, draft, random)
  const settings = {
    retries: 1,
    retry_delay: 0,
    fail_strategy: parallel ? 'continue' : random.pick(['halt', 'continue']),
    threads: parallel ? 4 : 1,
  }
  return { text: writeText(settings, draft), files: draft.files }
}

function writeText(settings: object, { modules, data, control }: Draft): string {
  return Object.entries({ settings, modules, connections: { data, control } })
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('')
}

function hangBelow(
  parent: Hung,
  i: number,
  { parallel, breaks, databases }: { parallel: boolean; breaks: boolean; databases: boolean },
  draft: Draft,
  random: Random,
): Hung {
  const type = parent.list !== undefined ? 'iterate' : chooseType(parent, parallel, random)
  const loops = type === 'iterate' ? [...parent.loops, parent.last] : parent.loops
  const repeats = parent.repeats || parent.ends === 'failed'
  const above = type === 'iterate' || type === 'start' ? undefined : parent.global
  const setting = { id: `n${i}`, loops, takesFile: parent.list === 'files' && type === 'iterate', repeats, above }
  const unit = breaks && !repeats ? drawBroken(setting, draft) : drawUnit(setting, draft, random, databases)
  const condition = chooseCondition(unit, type, above, random)
  draft.control.push({
    from: parent.last,
    to: unit.first,
    order: parallel ? random.int(1, 3) : i,
    type,
    ...(type === 'iterate' && parallel ? { concurrency: random.int(1, 3) } : {}),
    ...(condition === undefined ? {} : { if: condition }),
  })
  const crosses = type === 'normal' && condition === undefined && parent.port !== undefined && random.chance(0.6)
  // A file that every pass of a loop replaces is refused.
  if (crosses && !(repeats && loops.length > 0)) cross(parent, unit, repeats, draft)
  return { ...unit, loops, repeats }
}

function chooseType({ ends, mendable }: Hung, parallel: boolean, random: Random): string {
  // What caught its failure would run for a reason that is gone.
  if (mendable) return 'normal'
  if (ends === 'failed') return random.pick(['error', 'error', 'done'])
  return random.pick(parallel ? ['normal', 'normal', 'normal', 'start', 'done'] : ['normal', 'normal', 'normal', 'done'])
}

/** Sometimes one that is true only until the sub flow behind it has run: who looks again sees something else. */
function chooseCondition(unit: Unit, type: string, above: string | undefined, random: Random): string | undefined {
  if (type !== 'normal') return undefined
  if (unit.condition !== undefined) return unit.condition
  if (above === undefined || random.chance(0.7)) return undefined
  return random.pick([`{{${above}}} IS NOT NULL`, `{{${above}}} IS NULL`])
}

/** The rows of the parent go on into a sink of their own behind a boundary; where that runs again in a resume it must not append. */
function cross(parent: Hung, unit: Unit, repeats: boolean, draft: Draft): void {
  const id = `${unit.first}b`
  const from = parent.port?.split('.')[0] ?? ''
  const configs = repeats ? { output_path: `out/${id}.csv` } : { output_path: `grown/${id}.csv`, mode: 'append' }
  draft.modules.push({ id, name: 'csv_sink', configs })
  draft.data.push(`${parent.port} - ${id}.input`)
  draft.control.push({ from, to: id, order: 900 + draft.control.length, type: 'normal' })
}

/** A line for each time that a sub flow has ended and the walk went on from there. */
function addTick({ first, last, loops, repeats, ends, list }: Hung, { modules, control, files }: Draft): void {
  // A list gives its control to the loop.
  if (repeats || ends === 'failed' || list !== undefined) return
  const pass = loops.map((_, depth) => `{{iter.${'outer.'.repeat(loops.length - 1 - depth)}index}}`).join('-')
  files['ticks/before.txt'] = 'here it says how often something ran\n'
  modules.push({ id: `${first}t`, name: 'shell', configs: { command: `echo tick >> ticks/${first}-${pass}.txt` } })
  control.push({ from: last, to: `${first}t`, order: 800 + control.length, type: 'normal' })
}

/** Two branches that are no loops lead to one sub flow. */
function addJoin(units: readonly Hung[], draft: Draft, random: Random): void {
  const outside = units.filter(
    ({ loops, list, ends, repeats }) => loops.length === 0 && list === undefined && ends === 'completed' && !repeats,
  )
  const [one, other] = [outside.at(-1), outside.at(-2)]
  if (one === undefined || other === undefined || one === other) return
  draft.modules.push(
    { id: 'join', name: 'gate', configs: { wait: random.pick(['any', 'all']) } },
    { id: 'joined', name: 'inline_source', configs: { rows: [{ joined: 1 }] } },
    { id: 'joinedk', name: 'csv_sink', configs: { output_path: 'grown/joined.csv', mode: 'append' } },
  )
  draft.data.push('joined.data - joinedk.input')
  draft.control.push(
    { from: other.last, to: 'join', order: 990, type: 'normal' },
    { from: one.last, to: 'join', order: 991, type: 'normal' },
    { from: 'join', to: 'joined', order: 1, type: 'normal' },
  )
}

/** Builds what was drawn into a job folder; undefined when the build refuses it. */
export async function buildDrawn({ text }: DrawnFlow, folder: string): Promise<string | undefined> {
  const head = 'flow: { name: drawn, version: 1.0.0, authors: [tester], created: "2026-01-01" }\n'
  const names = [...new Set([...text.matchAll(/\{\{context\.(\w+)\}\}/g)].map(([, name]) => name))]
  const context = { ...Object.fromEntries(names.map((name) => [name, null])), secrets: { provider: 'env' } }
  writeFile(folder, 'context/drawn_default.json', JSON.stringify(context))
  try {
    return (await buildFlow(writeFile(folder, 'drawn.yaml', head + text), { out: folder })).job
  } catch (error) {
    if (error instanceof DiagnosticsError) return undefined
    throw error
  }
}
