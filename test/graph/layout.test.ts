import path from 'node:path'
import { expect, it } from 'vitest'
import { planFlowFile } from '../../src/build/build.js'
import { type Drawing, drawFlow } from '../../src/graph/drawing.js'
import { arrangePage } from '../../src/graph/svg/arrange-page.js'
import { openGraphviz, type Point, type Rect } from '../../src/graph/svg/graphviz.js'
import { connectionLines, measureLines } from '../../src/graph/svg/measure.js'
import type { Page, PageEdge } from '../../src/graph/svg/page-layout.js'
import { createProject } from '../cli/pype-project.js'

/** The same numbers from 0 to below 1 for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const VALVES = ['', '', 'start', 'error', 'done', "{{run.date}} > DATE '2026-01-01' AND 1 = 1 AND 'long' = 'enough for several lines'"]

/** A flow of about `size` nodes with loops in loops, long names and conditions, branches, and sub flows of one node and of many. */
function writeFlow(seed: number, size: number): string {
  const random = createRandom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  const nodes: string[] = []
  const data: string[] = []
  const control: string[] = []
  const ends: { readonly id: string; readonly isList: boolean }[] = []
  const add = (id: string, name: string, configs: string) => nodes.push(`  - { id: ${id}, name: ${name}, configs: { ${configs} } }`)
  for (let i = 0; nodes.length < size; i++) {
    const kind = pick(['alone', 'list', 'rows', 'rows'])
    const begin = `s${i}_${pick(['a', 'read', 'a_very_long_name_of_a_table_in_it'])}`
    let end = begin
    if (kind === 'alone') add(begin, 'log', 'message: x')
    else add(begin, 'inline_source', 'rows: [{ n: 1 }]')
    if (kind === 'rows') {
      for (let k = 0; k < 1 + Math.floor(random() * 4); k++) {
        add(`s${i}_f${k}`, 'filter_mod', 'condition: "n > 0"')
        data.push(`${end}.${k === 0 ? 'data' : 'output'} - s${i}_f${k}.input`)
        end = `s${i}_f${k}`
        if (random() < 0.4) {
          add(`s${i}_bad${k}`, 'csv_sink', `output_path: s${i}_${k}.csv, mode: append`)
          data.push(`${end}.reject - s${i}_bad${k}.input`)
        }
      }
      add(`s${i}_out`, 'csv_sink', `output_path: s${i}.csv, mode: append`)
      data.push(`${end}.output - s${i}_out.input`)
      end = `s${i}_out`
    }
    const from = ends.length === 0 ? undefined : pick(ends.slice(-4))
    if (from !== undefined) {
      const order = 1 + control.filter((each) => each.startsWith(`"${from.id} `)).length
      control.push(`"${from.id} (${order}|${from.isList && random() < 0.7 ? 'iterate' : pick(VALVES)}) ${begin}"`)
    }
    ends.push({ id: end, isList: kind === 'list' })
  }
  return `flow: { name: sample, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:\n${nodes.join('\n')}\nconnections:\n  data: [${data.join(', ')}]\n  control:\n    - ${control.join('\n    - ')}\n`
}

async function draw(flow: string): Promise<Drawing> {
  const project = createProject({ 'flow.yaml': flow })
  const { dag, metadata } = await planFlowFile(path.join(project.folder, 'flow.yaml'))
  return drawFlow(dag, metadata)
}

/** By how much two rectangles may lie over each other before anybody sees it. */
const UNSEEN = 3

function overlap(a: Rect, b: Rect): boolean {
  const apart = (from: number, size: number, other: number, otherSize: number) =>
    from + UNSEEN >= other + otherSize || other + UNSEEN >= from + size
  return !apart(a.x, a.width, b.x, b.width) && !apart(a.y, a.height, b.y, b.height)
}

function contains(outer: Rect, { x, y, width, height }: Rect): boolean {
  return x >= outer.x - 1 && y >= outer.y - 1 && x + width <= outer.x + outer.width + 1 && y + height <= outer.y + outer.height + 1
}

/** Points on a curve. */
function sample({ curve }: PageEdge): readonly Point[] {
  const points: Point[] = []
  for (let i = 0; i + 3 < curve.length; i += 3) {
    const [a, b, c, d] = curve.slice(i, i + 4) as [Point, Point, Point, Point]
    for (let t = 0; t <= 1; t += 1 / 16) {
      const at = (key: 'x' | 'y') => (1 - t) ** 3 * a[key] + 3 * (1 - t) ** 2 * t * b[key] + 3 * (1 - t) * t * t * c[key] + t ** 3 * d[key]
      points.push({ x: at('x'), y: at('y') })
    }
  }
  return points
}

/** What lies over something else on a page. */
function findFaults({ width, height, boxes, loops, edges }: Page): readonly string[] {
  const faults: string[] = []
  const rects = boxes.map(({ box, at }): Rect & { readonly name: string } => ({ ...at, ...box.size, name: box.subFlows[0]?.name ?? '' }))
  const labels = edges.flatMap((edge) => {
    const lines = connectionLines(edge.connection)
    if (edge.label === undefined || lines.length === 0) return []
    const size = measureLines(lines)
    const name = `${edge.connection.from}>${edge.connection.to}`
    return [{ ...size, x: edge.label.x - size.width / 2, y: edge.label.y - size.height / 2, name }]
  })
  for (const label of labels) {
    if (!contains({ x: 0, y: 0, width, height }, label)) faults.push(`${label.name} leaves the page`)
    for (const rect of rects) if (overlap(label, rect)) faults.push(`${label.name} lies over ${rect.name}`)
    for (const { loop, rect } of loops)
      if (overlap(label, rect) && !contains(rect, label)) faults.push(`${label.name} lies over the frame of ${loop.connection.from}`)
    for (const other of labels) if (other.name < label.name && overlap(label, other)) faults.push(`${label.name} lies over ${other.name}`)
  }
  for (const rect of rects) {
    for (const { loop, rect: frame } of loops)
      if (overlap(rect, frame) && !contains(frame, rect)) faults.push(`${rect.name} lies over the frame of ${loop.connection.from}`)
    const inner = { x: rect.x + UNSEEN, y: rect.y + UNSEEN, width: rect.width - 2 * UNSEEN, height: rect.height - 2 * UNSEEN }
    for (const edge of edges) {
      if (sample(edge).some((point) => contains(inner, { ...point, width: 0, height: 0 })))
        faults.push(`${edge.connection.from}>${edge.connection.to} goes through ${rect.name}`)
    }
  }
  return faults
}

it.each([
  [7, 8],
  [2, 12],
  [3, 40],
  [4, 100],
  [5, 25],
  [6, 60],
])(
  'svg of the random flow %s of %s nodes: no label lies over a node, another label or the frame of a loop, and no connection goes through a box',
  async (seed, size) => {
    const page = arrangePage(await draw(writeFlow(seed, size)), await openGraphviz())
    expect(findFaults(page)).toEqual([])
  },
)

it('svg: the frame of a loop takes in the long condition at its edge', async () => {
  const page = arrangePage(
    await draw(`flow: { name: sample, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: months, name: inline_source, configs: { rows: [{ n: 1 }] } }
  - { id: days, name: inline_source, configs: { rows: [{ n: 1 }] } }
  - { id: load, name: log, configs: { message: x } }
  - { id: after, name: log, configs: { message: x } }
connections:
  data: []
  control:
    - "months (1|iterate) days"
    - "days (1|iterate) load"
    - "days (2|{{days__row_count}} > 1000 AND length('some rather long text') > 3) after"
`),
    await openGraphviz(),
  )
  expect(findFaults(page)).toEqual([])
})
