import path from 'node:path'
import { expect, it } from 'vitest'
import { planFlowFile } from '../../src/build/build.js'
import type { RunProgress } from '../../src/core/run-progress.js'
import { describeCounts } from '../../src/graph/describe.js'
import { type Drawing, drawFlow } from '../../src/graph/drawing.js'
import { type GraphFormat, renderGraph } from '../../src/graph/graph.js'
import { createProject } from '../cli/pype-project.js'

const STYLE = { width: 80, paint: (_: string, text: string) => text }

async function plan(flow: string) {
  const project = createProject({ 'flow.yaml': `flow: { name: sample, version: 1.0.0, authors: [me], created: "2026-01-01" }\n${flow}` })
  return planFlowFile(path.join(project.folder, 'flow.yaml'))
}

async function draw(flow: string): Promise<Drawing> {
  const { dag, metadata } = await plan(flow)
  return drawFlow(dag, metadata)
}

const LOOP = `modules:
  - { id: files, name: list_files, configs: { path: "in/*.csv" } }
  - { id: rows, name: csv_source, configs: { file_path: "{{iter.item.path}}" } }
  - { id: good, name: filter_mod, configs: { condition: "a > 1" } }
  - { id: both, name: union_mod, configs: {} }
  - { id: more, name: inline_source, configs: { rows: [{ a: 5 }] } }
  - { id: out, name: csv_sink, configs: { output_path: "{{iter.item.stem}}.csv" } }
  - { id: bad, name: csv_sink, configs: { output_path: "bad_{{iter.item.stem}}.csv" } }
  - { id: tell, name: log, configs: { message: "a <b> & \\"c\\"" } }
  - { id: end, name: log, configs: { message: end } }
connections:
  data: [rows.data - good.input, good.reject - bad.input, good.output - both.input, more.data - both.input1, both.output - out.input]
  control:
    - { from: files, to: rows, order: 1, type: iterate, concurrency: 4 }
    - "out (2|error) tell"
    - "out (1|{{out__row_count}} > 0 AND 'a\\"<' <> '|') end"
`
it('text: sub flows in the order of the walk, rows as trees, loops in brackets, valves with order and condition', async () => {
  const loop = await draw(LOOP)
  expect(await renderGraph(loop, 'text', STYLE)).toBe(`sample 1.0.0: 9 nodes in 4 sub flows

◆ files      list_files
    → rows  (1|iterate, 4 at once)

╭ for each item of files, 4 at once
│ ┌ ▷ rows   csv_source
│ ├ ○ good   filter_mod
│ ├── ■ bad  csv_sink       ← reject
│ └ ⇢ both
│ ┌ ▷ more   inline_source
│ ├ ○ both   union_mod
│ └ ■ out    csv_sink
│     → end  (1|{{out__row_count}} > 0 AND 'a"<' <> '|')
│     → tell  (2|error)
│
│ ◆ end      log
│ ◆ tell     log
╰

▷ source  ○ mod  ■ sink  ◆ solo   → control  ⇒ control and rows: a boundary
`)
})

it('mermaid: shapes by type, loops and sub flows as boxes, texts that cannot break out of their quotes', async () => {
  const loop = await draw(LOOP)
  const text = await renderGraph(loop, 'mermaid', STYLE)
  expect(text).toContain('node_rows(["rows<br>csv_source"]):::source')
  expect(text).toContain('subgraph loop_files__rows["for each item of files, 4 at once"]')
  expect(text).toContain('node_good -->|"reject"| node_bad')
  expect(text).toContain(`node_out -.->|"(1|{{out__row_count}} #62; 0 AND 'a#34;#60;' #60;#62; '|')"| node_end`)
  expect(text.split('\n').filter((line) => /^ *(subgraph|end)\b/.test(line))).toHaveLength(4)
})

const DIRECTIONS: readonly (readonly [string, number])[] = [
  ['a chain of sub flows', 0],
  ['a fan of sub flows', 1],
  ['one sub flow', 2],
]

/** A flow of 68 to 100 nodes. */
function describeLarge(kind: number): string {
  const nodes: string[] = []
  const data: string[] = []
  const control: string[] = []
  const add = (id: string, name: string, configs: string) => nodes.push(`  - { id: ${id}, name: ${name}, configs: { ${configs} } }`)
  for (let i = 0; i < 33; i++) {
    if (kind === 1) for (const letter of 'abc') add(`${letter}${i}`, 'log', 'message: x')
    else {
      add(`a${i}`, 'csv_source', 'file_path: a.csv')
      add(`b${i}`, 'filter_mod', 'condition: "a > 1"')
      if (kind === 0) add(`c${i}`, 'csv_sink', `output_path: c${i}.csv`)
      data.push(`a${i}.data - b${i}.input`, kind === 0 ? `b${i}.output - c${i}.input` : `b${i}.output - all.input${i}`)
    }
    if (kind === 0 && i > 0) control.push(`"c${i - 1} (1|) a${i}"`)
    if (kind === 1) for (const letter of 'abc') control.push(`"begin (1|) ${letter}${i}"`)
  }
  if (kind === 1) add('begin', 'log', 'message: x')
  if (kind === 2) {
    add('all', 'union_mod', '')
    add('out', 'csv_sink', 'output_path: all.csv')
    data.push('all.output - out.input')
  }
  return `modules:\n${nodes.join('\n')}\nconnections:\n  data: [${data.join(', ')}]\n  control: [${control.join(', ')}]\n`
}

it.each(DIRECTIONS)('svg of %s: every node is there, none lies on another one, and the picture is no endless strip', async (_, kind) => {
  const drawing = await draw(describeLarge(kind))
  const svg = await renderGraph(drawing, 'svg', STYLE)
  expect([...svg.matchAll(/data-node="(\w+)"/g)].map(([, id]) => id).sort()).toEqual(drawing.nodes.map(({ node }) => node.id).sort())
  const texts = [...svg.matchAll(/<text class="id middle" x="([\d.]+)" y="([\d.]+)">/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }))
  for (const [i, a] of texts.entries()) {
    for (const b of texts.slice(i + 1)) expect(Math.abs(a.x - b.x) > 80 || Math.abs(a.y - b.y) > 35).toBe(true)
  }
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? []
  expect(Number(width)).toBeLessThan(2500)
  expect(Number(height)).toBeLessThan(5000)
})

it('svg: types by shape, connections by line, light and dark, and texts as text', async () => {
  const loop = await draw(LOOP)
  const svg = await renderGraph(loop, 'svg', STYLE)
  expect(svg).toMatch(/<g class="node source" data-node="rows">/)
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).toContain('class="control iterate"')
  expect(svg).toContain('class="control error"')
  expect(svg).toContain('for each item of files, 4 at once')
  expect(svg).toContain('&#60;')
  expect(svg).not.toMatch(/\b(NaN|undefined)\b/)
  expect(svg.match(/<g\b/g)?.length).toBe(svg.match(/<\/g>/g)?.length)
})

it('svg: in the legend a solo has six corners, as in the picture', async () => {
  const svg = await renderGraph(await draw(LOOP), 'svg', STYLE)
  expect(svg).toContain('<g class="solo" transform')
  const [, corner, flat] = /<g class="solo" [^>]*><path class="shape" d="M([\d.]+)[ ,][-\d.]+H([\d.]+)L/.exec(svg) ?? []
  expect([corner, flat].map(Number)).toEqual([6, 21])
})

it('the time of a query is not told: it runs inside of the statements of others', () => {
  const counts = { status: 'completed', rows: 3, rejected: null, runs: 1 } as const
  expect(describeCounts({ ...counts, seconds: 0 })).toBe('3 rows')
  expect(describeCounts({ ...counts, seconds: 0.004 })).toBe('3 rows, 0.00 s')
})

it('a boundary is one line with its valve, and dot gives a text that Graphviz lays out', async () => {
  const loop = await draw(LOOP)
  const drawing = await draw(`modules:
  - { id: a, name: inline_source, configs: { rows: [{ a: 5 }] } }
  - { id: b, name: csv_sink, configs: { output_path: b.csv } }
connections: { data: [a.data - b.input], control: ["a (1|{{a__row_count}} > 0) b"] }
`)
  const svg = await renderGraph(drawing, 'svg', STYLE)
  expect(svg.match(/class="boundary data"><title>[^<]*<\/title><path/g)).toHaveLength(1)
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  const graphviz = await Graphviz.load()
  for (const each of [drawing, loop]) expect(graphviz.layout(await renderGraph(each, 'dot', STYLE), 'svg', 'dot')).toContain('</svg>')
})

it('dot and mermaid: names and conditions that are words or signs of theirs are shown as they are', async () => {
  const condition = `'grün [x] (y) {z} "q" |p| \`t\` #35; %% \\n --> ; <b>&amp;</b>' <> ''`
  const drawing = await draw(`modules:
  - { id: end, name: log, configs: { message: x } }
  - { id: subgraph, name: log, configs: { message: x } }
connections: { data: [], control: [${JSON.stringify(`end (1|${condition}) subgraph`)}] }
`)
  const { Graphviz } = await import('@hpcc-js/wasm-graphviz')
  const svg = (await Graphviz.load()).layout(await renderGraph(drawing, 'dot', STYLE), 'svg', 'dot')
  const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text = '']) =>
    text
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
      .replace(/&lt;/g, '<')
      .replace(/&gt;/g, '>')
      .replace(/&quot;/g, '"')
      .replace(/&amp;/g, '&'),
  )
  expect(texts).toEqual(expect.arrayContaining(['end', 'subgraph', `(1|${condition})`]))
  const mermaid = await renderGraph(drawing, 'mermaid', STYLE)
  expect(mermaid.match(/\|"(.*)"\|/)?.[1]?.replace(/#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))).toBe(`(1|${condition})`)
  expect(mermaid).toContain('node_end{{"end<br>log"}}')
})

it('html: one page that asks the network for nothing', async () => {
  const loop = await draw(LOOP)
  const page = await renderGraph(loop, 'html', STYLE)
  expect(page).toContain('<svg xmlns="http://www.w3.org/2000/svg"')
  expect(page).toContain('<li><button data-node="rows">')
  expect(page.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\bsrc=|@import|url\((?!#)/)
})

it('the picture of a flow is the same each time', async () => {
  const loop = await draw(LOOP)
  for (const format of ['svg', 'dot', 'mermaid'] satisfies GraphFormat[]) {
    expect(await renderGraph(loop, format, STYLE)).toBe(await renderGraph(await draw(LOOP), format, STYLE))
  }
})

it('what came of a run is told by a mark, a word and a colour, with counts and the error', async () => {
  const { dag, metadata } = await plan(LOOP)
  const counts = { runs: 3, rows: 1200, rejected: 4, seconds: 75 }
  const error = { code: 'BAD_ROW', message: 'A value is no number.\nIt is "x".' } as const
  const run: RunProgress = {
    run: 'r1',
    status: 'failed',
    subFlows: new Map([
      ['files', { status: 'completed' }],
      ['rows', { status: 'failed', passes: { completed: 2, failed: 1 } }],
    ]),
    nodes: new Map([
      ['files', { ...counts, runs: 1, rejected: null, status: 'completed' }],
      ['good', { ...counts, status: 'failed', error }],
      ['rows', { ...counts, status: 'cancelled' }],
      ['end', { ...counts, runs: 0, rows: null, rejected: null, seconds: null, status: 'not begun' }],
    ]),
    connections: new Map([['files>rows', 'taken']]),
    items: new Map([['files>rows', 3]]),
  }
  const drawing = drawFlow(dag, metadata, run)
  const text = await renderGraph(drawing, 'text', STYLE)
  expect(text).toContain('run r1: failed\n')
  expect(text).toContain('╭ for each item of files, 4 at once: 3 items\n│ 2 of 3 completed, 1 failed\n')
  expect(text).toMatch(
    /├ ○ good {3}filter_mod {5}✗ failed, 3 times, 1,200 rows, 4 rejected, 1 min 15…\n│ │ {3}BAD_ROW A value is no number.\n/,
  )
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  const svg = await renderGraph(drawing, 'svg', STYLE)
  expect(svg).toContain('<g class="node mod failed" data-node="good">')
  expect(svg).toContain('BAD_ROW A value is no number.')
  expect(svg).toContain('2 of 3 completed, 1 failed')
  expect(await renderGraph(drawing, 'mermaid', STYLE)).toMatch(
    /node_end\{\{"end<br>log<br>not begun"\}\}:::not_begun[\s\S]*classDef not_begun/,
  )
  expect(await renderGraph(drawing, 'dot', STYLE)).toContain('4 rejected, 1 min 15 s')
})

it('text: marks are coloured, names are not, and a condition of several lines stays on one', async () => {
  const flow = LOOP.replace(/"out \(1.*end"/, String.raw`"out (1|'日本語\n\e[31m' <> '日本語日本語日本語') end"`)
  const text = await renderGraph(await draw(flow), 'text', { width: 50, paint: (color, part) => `<${color} ${part}>` })
  expect(text).toContain('<magenta ◆> files ')
  expect(text).toContain('<bold ▷> rows ')
  expect(text).toContain('<green ■> out ')
  const plain = text.split('\n').map((line) => line.replaceAll(/<(?:dim|bold|green|magenta) ([^<>]*)>/g, '$1'))
  expect(plain.filter((line) => line.startsWith('│     → '))).toEqual([
    "│     → end  (1|'日本語\uFFFD\uFFFD[31m' <> '日本語日本語日…",
    '│     → tell  (2|error)',
  ])
  expect(text).not.toContain('\u001b')
})
