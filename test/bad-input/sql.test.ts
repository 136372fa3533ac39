import { describe, expect, it } from 'vitest'
import { BadFlow } from './bad-flow.js'

const COLUMNS = ', columns: { id: INTEGER, name: VARCHAR, n: INTEGER }'

/** A chain of nodes that the engine fuses into one statement. */
function chainFlow(nodes: readonly (readonly [id: string, module: string, configs: string])[], settings = '', columns = COLUMNS): string {
  const ids = ['read', ...nodes.map(([id]) => id), 'write']
  const ports = ids.slice(1).map((id, i) => `"${ids[i]}.${i === 0 ? 'data' : 'output'} - ${id}.input"`)
  return `${settings}
modules:
  - { id: read, name: csv_source, configs: { file_path: in.csv${columns} } }
${nodes.map(([id, module, configs]) => `  - id: ${id}\n    name: ${module}\n    configs:\n      ${configs}`).join('\n')}
  - { id: write, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [${ports.join(', ')}], control: [] }`
}

const ROWS = `id,name,n\n${Array.from({ length: 1000 }, (_, i) => `${i},name ${i},${i === 998 ? 0 : i + 1}\n`).join('')}`

describe('a run whose condition', () => {
  it.each([
    ['names an unknown column', 'nmae = 1', 'nmae', /did you mean "name"/],
    ['calls an unknown function', 'lenght(name) > 3', 'lenght', /did you mean "length"/],
    ['compares what cannot be compared', 'name + 1 = 2.5', 'No function matches', /\S/],
  ])('%s', async (_, condition, says, hint) => {
    const nodes = [
      ['sorted', 'sort_mod', 'by: [id]'],
      ['keep', 'filter_mod', `condition: "${condition}"`],
      ['first', 'limit_mod', 'limit: 10'],
    ] as const
    const failure = { code: 'SQL_INVALID', node: 'keep', says: [says], hint, at: condition } as const
    await new BadFlow().expectLateFailure({ 'in.csv': ROWS }, chainFlow(nodes, '', ''), failure)
  })

  it('fails on a row in the middle of a fused chain: the node that made it is named', async () => {
    const flow = new BadFlow({ 'in.csv': ROWS })
    const body = chainFlow([
      ['even', 'filter_mod', 'condition: "id % 2 = 0"'],
      ['ratio', 'derive_mod', 'columns: { per: "10 // n", text: "name" }'],
      ['numbers', 'derive_mod', 'columns: { digits: "CAST(text AS INTEGER)" }'],
      ['keep', 'filter_mod', 'condition: "digits > 3"'],
      ['first', 'sort_mod', 'by: [digits]'],
    ])
    await flow.expectFailure(body, { code: 'SQL_FAILED', node: 'numbers', says: ['name 0', 'INT32'], hint: /node/, at: 'CAST(text' })
  })

  it('overflows at the end of a chain', async () => {
    const flow = new BadFlow({ 'in.csv': ROWS })
    const body = chainFlow([
      ['even', 'filter_mod', 'condition: "id % 2 = 0"'],
      ['big', 'derive_mod', 'columns: { big: "CAST(9223372036854775000 AS BIGINT) + n" }'],
      ['named', 'sort_mod', 'by: [big]'],
    ])
    await flow.expectFailure(body, { code: 'SQL_FAILED', node: 'big', says: ['verflow'], at: 'CAST(' })
  })

  it('calls error() in the last row only', async () => {
    const flow = new BadFlow({ 'in.csv': ROWS })
    const body = chainFlow([
      ['a', 'sql_mod', 'sql: SELECT id, n FROM input'],
      ['b', 'sql_mod', "sql: SELECT id, CASE WHEN id = 999 THEN error('row 999 is bad') ELSE n END AS n FROM input"],
      ['c', 'sql_mod', 'sql: SELECT sum(n) AS n FROM input'],
    ])
    await flow.expectFailure(body, { code: 'SQL_FAILED', node: 'b', says: ['row 999 is bad'], at: 'error(' })
  })

  it('needs a function of an extension that is not there: nothing is fetched from the network', async () => {
    const body = chainFlow([['keep', 'filter_mod', 'condition: "st_point(n, n) IS NOT NULL"']], '', '')
    const begun = performance.now()
    await new BadFlow().expectLateFailure({ 'in.csv': ROWS }, body, {
      code: 'SQL_INVALID',
      node: 'keep',
      says: ['st_point'],
      at: 'st_point',
    })
    expect(performance.now() - begun).toBeLessThan(10_000)
  })
})

describe('a run that needs more memory than memory_limit', () => {
  it('says so', { timeout: 60_000 }, async () => {
    const flow = new BadFlow({ 'in.csv': ROWS })
    const body = chainFlow(
      [['all', 'sql_mod', "sql: SELECT list(repeat('x', 1000) || a.id || b.id ORDER BY b.name) AS l FROM input a, input b"]],
      'settings: { memory_limit: 60MB }',
    )
    await flow.expectFailure(body, { code: 'OUT_OF_MEMORY', node: 'all', hint: /memory_limit/ })
  })
})
