import path from 'node:path'
import { loadFlow } from '../build/load/load-flow.js'
import type { Flow, FlowModule } from '../core/flow.js'
import { childOf, entriesOf, textOf } from './load/read-value.js'

/** Columns that an example has. */
const SHOWN = 6

/** How to begin with tests of a flow: where the file would be, one that is short, and what fills it in. */
export async function suggestFirstTest(file: string): Promise<string> {
  const { flow } = await loadFlow(file)
  const place = path.join(path.dirname(file), 'tests', `${path.basename(file).replace(/\.ya?ml$/i, '')}.test.yaml`)
  const lines = flow === undefined ? ['cases:', '  - name: runs through'] : writeFirst(flow)
  const named = file.includes(' ') ? `'${file}'` : file
  return [
    `write ${place}, as below; \`pype test ${named} --update\` then fills in the rows that come. docs/test-flows.md has all that a test can say`,
    ...lines.map((line) => `    ${line}`),
  ].join('\n')
}

function writeFirst({ modules, data }: Flow): readonly string[] {
  const [reading, read] = [new Set(data.map(({ to }) => to)), new Set(data.map(({ from }) => from))]
  const sources = modules.filter(({ id }) => read.has(id) && !reading.has(id))
  const sinks = modules.filter(({ id }) => reading.has(id) && !read.has(id))
  return [
    'cases:',
    '  - name: runs through',
    ...(sources.length === 0 ? [] : ['    replace:', ...sources.map((source) => `      ${source.id}: [${writeRow(source)}]`)]),
    ...(sinks.length === 0 ? [] : ['    expect:', `      rows: { ${sinks.map(({ id }) => `${id}: []`).join(', ')} }`]),
  ]
}

/** A row of the columns that a source declares. */
function writeRow({ configs }: FlowModule): string {
  const declared = entriesOf(childOf({ kind: 'map', entries: configs, at: { offset: 0, length: 0 } }, 'columns'))
  const cells = declared.slice(0, SHOWN).map(({ key, value }) => `${key}: ${exampleOf(textOf(value) ?? '')}`)
  return cells.length === 0 ? '{ id: 1 }' : `{ ${cells.join(', ')} }`
}

function exampleOf(type: string): string {
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DECIMAL|NUMERIC|DOUBLE|FLOAT|REAL)/i.test(type)) return '1'
  if (/^(DATE|TIMESTAMP)/i.test(type)) return '2026-01-31'
  return /^BOOL/i.test(type) ? 'true' : /^(VARCHAR|TEXT|STRING)/i.test(type) ? 'x' : 'null'
}
