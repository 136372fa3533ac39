import fc from 'fast-check'

/** A node of a random flow; `reads` are ports (`node.port`) of nodes before it, in the order of its input ports. */
export interface RandomNode {
  readonly id: string
  readonly module: string
  readonly configs: object
  readonly reads: readonly (readonly [port: string, input: string])[]
}

/** Every module of a random flow puts out these columns again, so that any module may follow any other. */
const TYPES = { id: 'INTEGER', i: 'INTEGER', b: 'BIGINT', d: 'DOUBLE', m: 'DECIMAL(10,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'DATE' }
const NAMES = Object.keys(TYPES)

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 5 })

const rowArbitrary = fc.record({
  i: orNull(fc.constantFrom(0, 1, -1, 7, 42, 2147483647, -2147483648)),
  b: orNull(fc.constantFrom('0', '9007199254740993', '9223372036854775807', '-9223372036854775808')),
  // No -0.0: it equals 0, and the engine's Parquet files may hold either of the two.
  d: orNull(fc.constantFrom('0', '1.5', 'nan', 'inf', '-inf', '1e308', '5e-324')),
  m: orNull(fc.constantFrom('0', '0.10', '-12345678.99', '99999999.99')),
  s: orNull(fc.constantFrom('', 'a', 'A', 'null', "it's", '"q"', 'ü\u0308', '日本', '🙂', ' x ', 'a,b\nc')),
  f: orNull(fc.boolean()),
  t: orNull(fc.constantFrom('0001-01-01', '1970-01-01', '2024-02-29', '9999-12-31')),
})

const rowsArbitrary = fc.array(rowArbitrary, { maxLength: 12 }).chain((rows) =>
  // Some rows stand there twice.
  fc.subarray(rows, { maxLength: Math.min(3, rows.length) }).map((again) => [...rows, ...again].map((row, id) => ({ id, ...row }))),
)

const CONDITIONS = [
  'i > 0',
  'f',
  "s = 'a' OR s IS NULL",
  'd > 1',
  'isnan(d)',
  'm < 0',
  'b % 2 = 1',
  "t > DATE '2000-01-01'",
  'NULL',
  'id % 3 = 1',
  "s LIKE '%a%'",
]
const DERIVED = [
  { i: 'coalesce(i, 0) % 1000 + 1', s: "concat(s, '|', i)" },
  { f: 'NOT f', d: 'd / 2' },
  { m: 'CAST(abs(m) % 1000 AS DECIMAL(10,2))', t: "coalesce(t, DATE '2000-01-01')" },
]

type Step = (id: string, ports: readonly string[], pick: number) => RandomNode[]

const at = (ports: readonly string[], pick: number) => ports[pick % ports.length] as string

const STEPS: readonly Step[] = [
  (id, ports, pick) => [
    { id, module: 'filter_mod', configs: { condition: CONDITIONS[pick % CONDITIONS.length] }, reads: [[at(ports, pick), 'input']] },
  ],
  (id, ports, pick) => [
    { id, module: 'derive_mod', configs: { columns: DERIVED[pick % DERIVED.length] }, reads: [[at(ports, pick), 'input']] },
  ],
  (id, ports, pick) => [
    { id, module: 'select_mod', configs: { columns: [...NAMES].reverse(), types: { s: 'VARCHAR' } }, reads: [[at(ports, pick), 'input']] },
  ],
  (id, ports, pick) => [
    { id: `${id}_s`, module: 'sort_mod', configs: { by: ['s desc nulls first', ...NAMES] }, reads: [[at(ports, pick), 'input']] },
    { id, module: 'limit_mod', configs: { limit: pick % 7, offset: pick % 2 }, reads: [[`${id}_s.output`, 'input']] },
  ],
  (id, ports, pick) => [
    {
      id: `${id}_j`,
      module: 'join_mod',
      configs: { on: ['id'], how: ['inner', 'left', 'semi', 'anti'][pick % 4] },
      reads: [
        [at(ports, pick), 'left'],
        [at(ports, pick + 1), 'right'],
      ],
    },
    { id, module: 'select_mod', configs: { columns: NAMES }, reads: [[`${id}_j.output`, 'input']] },
  ],
  (id, ports, pick) => [
    {
      id,
      module: 'aggregate_mod',
      configs: {
        group_by: [['id'], ['f'], ['s'], []][pick % 4],
        aggregates: Object.fromEntries(
          NAMES.filter((name) => ![['id'], ['f'], ['s'], []][pick % 4]?.includes(name)).map((name) => [name, `max(${name})`]),
        ),
      },
      reads: [[at(ports, pick), 'input']],
    },
  ],
  (id, ports, pick) => [
    {
      id,
      module: 'union_mod',
      configs: { distinct: pick % 2 === 1 },
      reads: [
        [at(ports, pick), 'input1'],
        [at(ports, pick * 7 + 1), 'input2'],
      ],
    },
  ],
  (id, ports, pick) => [
    {
      id,
      module: 'sql_mod',
      configs: { sql: `SELECT ${NAMES.join(', ')} FROM input WHERE id IN (SELECT max(id) FROM input GROUP BY f)` },
      reads: [[at(ports, pick), 'input']],
    },
  ],
]

/** Random flows of up to eight steps over random rows; each port that nothing reads ends in a sink. */
export const flowArbitrary = fc
  .record({
    rows: fc.array(rowsArbitrary, { minLength: 1, maxLength: 2 }),
    steps: fc.array(fc.tuple(fc.nat({ max: STEPS.length - 1 }), fc.nat({ max: 1000 })), { minLength: 1, maxLength: 8 }),
  })
  .map(({ rows, steps }): RandomNode[] => {
    const nodes: RandomNode[] = rows.map((own, k) => ({
      id: `src${k}`,
      module: 'inline_source',
      configs: { rows: own, columns: TYPES },
      reads: [],
    }))
    const ports = rows.map((_, k) => `src${k}.data`)
    steps.forEach(([step, pick], k) => {
      const added = (STEPS[step] as Step)(`n${k}`, ports, pick)
      nodes.push(...added)
      ports.push(`n${k}.output`)
      if (added[0]?.module === 'filter_mod' && pick % 3 === 0) ports.push(`n${k}.reject`)
    })
    const read = new Set(nodes.flatMap((node) => node.reads.map(([port]) => port)))
    const open = ports.filter((port) => !read.has(port))
    return [
      ...nodes,
      ...open.map(
        (port, k): RandomNode => ({
          id: `sink${k}`,
          module: 'csv_sink',
          configs: { output_path: `{{context.out}}/${port.replace('.', '_')}.csv` },
          reads: [[port, 'input']],
        }),
      ),
    ]
  })

/** The YAML (JSON, which is YAML too) of a random flow; with `stepwise` each data connection is a boundary, so that every step is stored. */
export function writeFlow(name: string, nodes: readonly RandomNode[], stepwise: boolean): string {
  const data = nodes.flatMap((node) => node.reads.map(([port, input]) => `${port} - ${node.id}.${input}`))
  const pairs = new Set(nodes.flatMap((node) => node.reads.map(([port]) => `${port.split('.')[0]} ${node.id}`)))
  const steps = [...pairs].map((pair, k) => `${pair.split(' ')[0]} (${k + 1}|) ${pair.split(' ')[1]}`)
  // Two sources that nothing joins are two sub flows, and one must start the other.
  const control = stepwise ? steps : []
  if (nodes.some(({ id }) => id === 'src1') && (stepwise || !reachable(nodes, 'src0').has('src1'))) control.push('src0 (99|) src1')
  return JSON.stringify({
    flow: { name, version: '1.0.0', authors: ['test'], created: '2026-01-01' },
    modules: nodes.map(({ id, module, configs }) => ({ id, name: module, configs })),
    connections: { data, control },
  })
}

/** The nodes that data connections hold together with a node. */
function reachable(nodes: readonly RandomNode[], start: string): Set<string> {
  const found = new Set([start])
  for (let size = 0; size < found.size; ) {
    size = found.size
    for (const { id, reads } of nodes) {
      const ends = [id, ...reads.map(([port]) => port.split('.')[0] as string)]
      if (ends.some((end) => found.has(end))) for (const end of ends) found.add(end)
    }
  }
  return found
}
