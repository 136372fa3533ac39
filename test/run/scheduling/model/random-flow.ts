import fc from 'fast-check'
import type { ValveType } from '../../../../src/core/dag.js'
import { buildParts, type FlowParts, type Job, type Valve } from './flow-text.js'

const KINDS = ['act', 'list', 'list', 'gate', 'gate', 'rows', 'rows', 'rows', 'rows'] as const
const TYPES = ['normal', 'normal', 'normal', 'iterate', 'iterate', 'iterate', 'error', 'done', 'start'] as const

type Kind = (typeof KINDS)[number]

interface Draw {
  readonly a: number
  readonly b: number
  /** Which node of a sub flow with rows. */
  readonly part: number
  readonly order: number
  readonly type: ValveType
  readonly condition: boolean
  readonly boundary: boolean
  readonly concurrency: number
  /** The giver is further up the same branch. */
  readonly near: boolean
  /** Place in the order of declaration, as a key to sort by. */
  readonly declared: number
}

/** What a random flow is made of. */
export interface FlowDraw {
  readonly kinds: readonly Kind[]
  readonly draws: readonly Draw[]
  readonly anyGates: boolean
  /** Many connections catch failures. */
  readonly catching: boolean
  /** Order of declaration, as keys to sort by. */
  readonly declared: readonly number[]
  readonly settings: FlowParts['settings']
}

/** Flows with parallel walks or without: equal orders, `start`, frames at once. */
export function drawFlows({ parallel }: { readonly parallel: boolean }): fc.Arbitrary<FlowDraw> {
  const draw = (size: number) =>
    fc.record({
      a: fc.nat(size - 1),
      b: fc.nat(size - 1),
      part: fc.nat(2),
      order: fc.integer({ min: 1, max: parallel ? 3 : 30 }),
      type: fc.constantFrom<ValveType>(...TYPES.filter((type) => parallel || type !== 'start')),
      condition: fc.integer({ min: 0, max: 3 }).map((n) => n === 3),
      boundary: fc.boolean(),
      concurrency: parallel ? fc.integer({ min: 1, max: 3 }) : fc.constant(1),
      near: fc.boolean(),
      declared: fc.nat(99),
    })
  return fc
    .integer({ min: 1, max: 10 })
    .chain((size) =>
      fc.record({
        kinds: fc.array(fc.constantFrom(...KINDS), { minLength: size, maxLength: size }),
        draws: fc
          .tuple(fc.array(draw(size), { minLength: size - 1, maxLength: size - 1 }), fc.array(draw(size), { maxLength: 10 }))
          .map(plant),
        anyGates: fc.constantFrom(true, true, false),
        catching: fc.boolean(),
        declared: fc.array(fc.nat(99), { minLength: size, maxLength: size }),
        settings: fc.record({
          fail_strategy: fc.constantFrom<('halt' | 'continue')[]>('halt', 'halt', 'continue'),
          retries: fc.nat(2),
          retry_delay: fc.constant(0),
        }),
      }),
    )
    .map((drawn) => (parallel ? drawn : { ...drawn, draws: drawn.draws.map((each, i) => ({ ...each, order: each.order * 100 + i })) }))
}

/**
 * Most sub flows hang on one of the three before them, so that loops have insides. Some of the other connections come from
 * further up the same branch, before the others there: that gives joins, exits, and rows that are read in every frame.
 */
function plant([tree, more]: readonly [readonly Draw[], readonly Draw[]]): readonly Draw[] {
  const parents = tree.map(({ a }, i) => Math.max(0, i - (a % 3)))
  const above = (at: number, steps: number): number => (at === 0 || steps === 0 ? at : above(parents[at - 1] ?? 0, steps - 1))
  return [
    ...tree.map((each, i) => ({ ...each, a: parents[i] ?? 0, b: i + 1, order: each.order + 1 })),
    ...more.map((each) => (each.near ? { ...each, a: above(each.b, 2 + (each.a % 3)), order: 1 + (each.order % 2) } : each)),
  ]
}

/** Builds what was drawn; connections that the build refuses are left out. */
export async function buildDraw(draw: FlowDraw): Promise<Job> {
  let parts = assemble(draw)
  for (;;) {
    const built = await buildParts(parts)
    if ('dag' in built) return built
    const bad = new Set(built.flatMap(({ code, valve }) => (valve === undefined ? [] : refused(code, valve, parts.valves))))
    if (bad.size === 0) throw new Error(`not only a connection is wrong: ${JSON.stringify(built)} ${JSON.stringify(parts)}`)
    parts = connectLoose(draw, { ...parts, valves: parts.valves.filter((valve) => !bad.has(valve)) })
  }
}

/** A target that is reached another way than by its loop keeps the loop. */
function refused(code: string, valve: Valve, valves: readonly Valve[]): readonly Valve[] {
  if (code !== 'ITERATE_SHARED') return [valve]
  const others = valves.filter((other) => other !== valve && indexOf(other.to) === indexOf(valve.to))
  return others.length > 0 ? others : [valve]
}

function assemble(draw: FlowDraw): FlowParts {
  const valves: Valve[] = []
  const declared = new Map<Valve, number>()
  for (const each of draw.draws) {
    const valve = toValve(draw.catching ? catching(each) : each, draw.kinds)
    if (valve === undefined || valves.some(({ from, to }) => from === valve.from && to === valve.to)) continue
    const others = valves.filter(({ to }) => indexOf(to) === indexOf(valve.to))
    if (others.some(({ type }) => type === 'iterate') && (valve.rows === undefined || valve.type === 'iterate')) continue
    valves.push(valve.type === 'iterate' && others.length > 0 ? withoutLoop(valve) : valve)
    declared.set(valve, each.declared)
  }
  valves.sort((a, b) => (declared.get(a) ?? 0) - (declared.get(b) ?? 0))
  const order = draw.kinds.map((_, i) => i).sort((a, b) => (draw.declared[a] ?? 0) - (draw.declared[b] ?? 0) || a - b)
  return connectLoose(draw, {
    settings: draw.settings,
    nodes: order.flatMap((i) => nodesOf(i, draw)),
    data: order.filter((i) => draw.kinds[i] === 'rows').flatMap((i) => [`n${i}.out - n${i}m.in`, `n${i}m.out - n${i}k.in`]),
    valves,
  })
}

function catching(draw: Draw): Draw {
  if (draw.type !== 'normal' || draw.boundary || draw.declared % 3 === 0) return draw
  return { ...draw, type: draw.declared % 3 === 1 ? 'error' : 'done' }
}

function withoutLoop({ concurrency: _, ...valve }: Valve): Valve {
  return { ...valve, type: 'normal' }
}

function nodesOf(i: number, { kinds, anyGates }: FlowDraw): FlowParts['nodes'] {
  const kind = kinds[i] ?? 'act'
  if (kind === 'gate') return [{ id: `n${i}`, name: 'gate', configs: { wait: anyGates ? 'any' : 'all' } }]
  if (kind !== 'rows') return [{ id: `n${i}`, name: kind }]
  return [
    { id: `n${i}`, name: 'read' },
    { id: `n${i}m`, name: 'change' },
    { id: `n${i}k`, name: 'write' },
  ]
}

/** Connections lead from lower to higher numbers, so there are no circles. */
function toValve(draw: Draw, kinds: readonly Kind[]): Valve | undefined {
  const [low, high] = [Math.min(draw.a, draw.b), Math.max(draw.a, draw.b)]
  if (low === high) return undefined
  const hasRows = kinds[low] === 'rows'
  const rows = hasRows && kinds[high] === 'rows' && draw.boundary && draw.type !== 'error' && draw.type !== 'done'
  const gives = hasRows ? draw.part < 2 : kinds[low] === 'list'
  const type = draw.type === 'iterate' && !gives ? 'normal' : draw.type
  // A mod gives control along boundaries and as a list, a sink at any time but gives no rows.
  const suffix = !hasRows ? '' : rows || type === 'iterate' ? ['', 'm', 'm'][draw.part] : ['', '', 'k'][draw.part]
  const from = `n${low}${suffix}`
  const to = `n${high}${rows ? (draw.order % 2 === 0 ? 'm' : 'k') : ''}`
  return {
    from,
    to,
    order: draw.order,
    type,
    ...(draw.condition ? { if: '1 = 1' } : {}),
    ...(type === 'iterate' ? { concurrency: draw.concurrency } : {}),
    ...(rows ? { rows: `${from}.out - ${to}.in_${from}` } : {}),
  }
}

/** Every sub flow needs a connection when there are several. */
function connectLoose(draw: FlowDraw, parts: FlowParts): FlowParts {
  const valves = [...parts.valves]
  for (const i of draw.kinds.keys()) {
    if (draw.kinds.length < 2 || valves.some(({ from, to }) => indexOf(from) === i || indexOf(to) === i)) continue
    const [from, to] = i === 0 ? [0, 1] : [(draw.declared[i] ?? 0) % i, i]
    valves.push({ from: `n${from}`, to: `n${to}`, order: 5000 + to, type: 'normal' })
  }
  return { ...parts, valves }
}

function indexOf(node: string): number {
  return Number(/\d+/.exec(node)?.[0])
}
