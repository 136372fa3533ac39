import { describe, expect, it } from 'vitest'
import { type Flow, ModuleProject, type Ran } from '../../modules/module-flow.js'

/** The messages of the log modules, in order. */
function messages({ log }: Ran): string[] {
  return log.flatMap(({ msg, node, event }) => (event === 'log' && node !== undefined ? [msg] : []))
}

const rows = (values: readonly object[]): readonly [string, object] => ['inline_source', { rows: values }]
const NAMES = rows([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
const log = (message: string): readonly [string, object] => ['log', { message }]

async function run(flow: Flow): Promise<Ran> {
  return new ModuleProject().run(flow)
}

describe('a loop', () => {
  it('walks its scope once per row, in order, with the item and the index at hand', async () => {
    const ran = await run({
      modules: { list: NAMES, first: log('{{iter.index}} {{iter.item.name}} {{iter.item}}'), second: log('after {{iter.item.name}}') },
      control: ['list (1|iterate) first', 'first (1|) second'],
    })
    expect(messages(ran)).toEqual(['0 a {"name":"a"}', 'after a', '1 b {"name":"b"}', 'after b', '2 c {"name":"c"}', 'after c'])
    expect(ran.summary).toMatchObject({ status: 'completed', sub_flows: { completed: 7 } })
    expect(ran.summary.nodes.find(({ node }) => node === 'first')).toMatchObject({ runs: 3 })
  })

  it('keeps the SQL type and the exact value of a column', async () => {
    const sql =
      "SELECT DATE '2026-01-31' AS day, 12345678901234567890 AS big, 1.10::DECIMAL(5,2) AS price, NULL AS nothing, [1,2] AS many FROM input"
    const project = new ModuleProject()
    const ran = await project.run({
      modules: {
        one: rows([{ n: 1 }]),
        list: ['sql_mod', { sql }],
        row: rows([{ n: 1 }]),
        out: [
          'derive_mod',
          {
            columns: {
              next: '{{iter.item.day}} + 1',
              big: '{{iter.item.big}}',
              type: 'typeof({{iter.item.price}})',
              none: '{{iter.item.nothing}} IS NULL',
            },
          },
        ],
        file: ['json_sink', { output_path: '{{iter.item.day}}.jsonl' }],
        told: log('{{iter.item.price}} {{iter.item.many}}'),
      },
      data: ['one.data - list.input', 'row.data - out.input', 'out.output - file.input'],
      control: ['list (1|iterate) row', 'file (1|) told'],
    })
    expect(ran.summary.errors).toEqual([])
    expect(messages(ran)).toEqual(['1.10 [1,2]'])
    expect(project.read('2026-01-31.jsonl')).toBe(
      '{"n":1,"next":"2026-02-01","big":12345678901234567890,"type":"DECIMAL(5,2)","none":true}\n',
    )
  })

  it('reads the rows of a boundary in every frame, and goes in the order of a sort', async () => {
    const ran = await run({
      modules: {
        numbers: rows([{ n: 3 }, { n: 1 }, { n: 2 }]),
        sorted: ['sort_mod', { by: ['n desc'] }],
        below: ['filter_mod', { condition: 'n < {{iter.item.n}}' }],
        sum: ['aggregate_mod', { aggregates: { total: 'sum(n)' } }],
        shown: ['log_sink', {}],
        told: log('{{iter.item.n}}'),
      },
      data: ['numbers.data - sorted.input', 'sorted.output - below.input', 'below.output - sum.input', 'sum.output - shown.input'],
      control: ['sorted (1|iterate) below', 'shown (1|) told'],
    })
    expect(ran.summary.errors).toEqual([])
    expect(messages(ran).filter((text) => /^\d$/.test(text))).toEqual(['3', '2', '1'])
    expect(messages(ran).filter((text) => /total/.test(text))).toHaveLength(3)
  })

  it('nests; inner frames see the outer items', async () => {
    const ran = await run({
      modules: {
        outer: rows([{ x: 1 }, { x: 2 }]),
        pair: rows([{ y: 0 }, { y: 1 }]),
        inner: ['filter_mod', { condition: 'y < {{iter.item.x}}' }],
        told: log('{{iter.outer.item.x}}.{{iter.item.y}} ({{iter.outer.index}}.{{iter.index}})'),
        after: log('end of {{iter.item.x}}'),
        end: log('end'),
      },
      data: ['pair.data - inner.input'],
      control: ['outer (1|iterate) pair', 'inner (1|iterate) told', 'pair (2|) after', 'outer (2|) end'],
    })
    expect(ran.summary.errors).toEqual([])
    expect(messages(ran)).toEqual(['1.0 (0.0)', 'end of 1', '2.0 (1.0)', '2.1 (1.1)', 'end of 2', 'end'])
  })

  it('settles what leaves it after the last frame: taken when some frame took it', async () => {
    const flow = (condition: string): Flow => ({
      modules: { list: NAMES, each: log('{{iter.item.name}}'), end: log('end') },
      control: ['list (1|iterate) each', `each (1|${condition}) end`, 'list (2|1 = 0) end'],
    })
    expect(messages(await run(flow("{{iter.item.name}} = 'b'")))).toEqual(['a', 'b', 'c', 'end'])
    const none = await run(flow("{{iter.item.name}} = 'x'"))
    expect(messages(none)).toEqual(['a', 'b', 'c'])
    expect(none.summary).toMatchObject({ status: 'completed', sub_flows: { skipped: 1 } })
  })

  it('of no items completes at once and skips what leaves it', async () => {
    const ran = await run({
      modules: {
        list: ['inline_source', { rows: [], columns: { name: 'VARCHAR' } }],
        each: log('{{iter.item.name}}'),
        end: log('end'),
        after: log('after'),
      },
      control: ['list (1|iterate) each', 'each (1|) end', 'list (2|) after', 'list (3|1 = 0) end'],
    })
    expect(messages(ran)).toEqual(['after'])
    expect(ran.summary).toMatchObject({ status: 'completed', sub_flows: { completed: 2, skipped: 1 } })
  })

  it('counts rows from outside as they were settled there, in each frame', async () => {
    const project = new ModuleProject()
    const ran = await project.run({
      modules: {
        begin: log('begin'),
        lookup: rows([
          { id: 1, text: 'one' },
          { id: 2, text: 'two' },
        ]),
        list: rows([{ id: 2 }, { id: 1 }]),
        key: ['inline_source', { rows: [{ id: '{{iter.item.id}}' }] }],
        found: ['join_mod', { on: ['id'] }],
        file: ['json_sink', { output_path: 'out{{iter.index}}.jsonl' }],
      },
      data: ['key.data - found.left', 'lookup.data - found.right', 'found.output - file.input'],
      control: ['begin (1|) lookup', 'lookup (1|) found', 'lookup (2|) list', 'list (1|iterate) key', 'key (1|) found'],
    })
    expect(ran.summary.errors).toEqual([])
    expect([project.read('out0.jsonl'), project.read('out1.jsonl')]).toEqual(['{"id":2,"text":"two"}\n', '{"id":1,"text":"one"}\n'])
  })

  it('shows the globals of the highest frame when it has ended', async () => {
    const ran = await run({
      modules: {
        list: rows([{ n: 1 }, { n: 2 }, { n: 3 }]),
        each: ['set_global', { values: { seen: '{{iter.item.n}}' } }],
        some: ['set_global', { values: { even: '{{iter.item.n}}' } }],
        end: log('{{each__seen}} {{some__even}}'),
      },
      control: ['list (1|iterate) each', 'each (1|{{iter.item.n}} = 2) some', 'list (2|) end'],
    })
    expect(ran.summary.errors).toEqual([])
    expect(messages(ran)).toEqual(['3 2'])
  })

  it('runs as many frames at once as its concurrency says, and all of them', async () => {
    const project = new ModuleProject()
    const ran = await project.run({
      modules: {
        one: rows([{ n: 1 }]),
        list: ['sql_mod', { sql: 'SELECT i FROM range(25) t(i), input' }],
        each: ['inline_source', { rows: [{ i: '{{iter.item.i}}' }] }],
        file: ['json_sink', { output_path: 'all.jsonl', mode: 'append' }],
      },
      data: ['one.data - list.input', 'each.data - file.input'],
      control: [{ from: 'list', to: 'each', order: 1, type: 'iterate', concurrency: 4 }],
    })
    expect(ran.summary.errors).toEqual([])
    expect(
      project
        .lines('all.jsonl')
        .map(({ i }) => Number(i))
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 25 }, (_, i) => i))
  })

  it('opens no more frames than there are threads, whatever its concurrency is', async () => {
    const ran = await run({
      modules: { one: rows([{ n: 1 }]), list: ['sql_mod', { sql: 'SELECT i FROM range(40) t(i), input' }], each: log('{{iter.item.i}}') },
      data: ['one.data - list.input'],
      control: [{ from: 'list', to: 'each', order: 1, type: 'iterate', concurrency: 1_000_000 }],
      settings: { threads: 3 },
    })
    expect(
      messages(ran)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 40 }, (_, i) => i))
    let [open, most] = [0, 0]
    for (const { event } of ran.log) {
      if (event === 'frame.started') open++
      if (event === 'frame.ended') open--
      most = Math.max(most, open)
    }
    expect(most).toBe(3)
  })

  it('ends after a failed frame under halt, and goes on under continue; its error exit is taken after the last frame', async () => {
    const flow = (strategy: string): Flow => ({
      modules: {
        list: rows([{ n: 1 }, { n: 0 }, { n: 2 }]),
        row: rows([{ x: 1 }]),
        each: ['derive_mod', { columns: { y: "CASE WHEN {{iter.item.n}} = 0 THEN error('zero') ELSE 'fine' END" } }],
        file: ['json_sink', { output_path: 'out{{iter.index}}.jsonl' }],
        told: log('{{iter.item.n}} is fine'),
        repair: log('repair after {{each__error_code}}'),
        clean: log('clean'),
        later: log('later'),
      },
      data: ['row.data - each.input', 'each.output - file.input'],
      control: [
        'list (1|iterate) row',
        'file (1|) told',
        'file (2|error) repair',
        'file (3|done) clean',
        'list (2|1 = 0) repair',
        'list (3|1 = 0) clean',
        'list (4|) later',
      ],
      settings: { fail_strategy: strategy },
    })
    const halted = await run(flow('halt'))
    expect(halted.summary).toMatchObject({ status: 'failed', sub_flows: { failed: 1 } })
    expect(messages(halted)).toEqual(['1 is fine', 'repair after SQL_FAILED', 'clean'])
    const continued = await run(flow('continue'))
    expect(messages(continued)).toEqual(['1 is fine', '2 is fine', 'repair after SQL_FAILED', 'clean', 'later'])
  })

  it('of a node without a list fails the run and blocks what it leads to', async () => {
    const ran = await run({
      modules: { list: rows([{ n: 1 }]), each: log('{{iter.item.m}}') },
      control: ['list (1|iterate) each'],
    })
    expect(ran.summary.errors[0]).toMatchObject({ code: 'TEMPLATE_VALUE', node: 'each#0', hint: 'the item is {"n":1}' })
  })
})

describe('a gate', () => {
  it('that waits for any starts at the first connection that is taken, once, and ignores blocking ones', async () => {
    const ran = await run({
      modules: {
        begin: log('begin'),
        row: rows([{ x: 1 }]),
        bad: ['filter_mod', { condition: "error('broken')" }],
        sink: ['json_sink', { output_path: 'never.jsonl' }],
        good: log('good'),
        late: log('late'),
        gate: ['gate', { wait: 'any' }],
        end: log('end'),
      },
      data: ['row.data - bad.input', 'bad.output - sink.input'],
      control: [
        'begin (1|) row',
        'begin (2|) good',
        'begin (3|) late',
        'sink (1|) gate',
        'good (1|) gate',
        'late (1|) gate',
        'gate (1|) end',
      ],
      settings: { fail_strategy: 'continue' },
    })
    expect(messages(ran)).toEqual(['begin', 'good', 'end', 'late'])
    expect(ran.summary.status).toBe('failed')
  })

  it('makes sure only of what comes before each of its connections, which the build holds globals to', async () => {
    const flow = (wait: string): Flow => ({
      modules: {
        begin: log('begin'),
        a: ['set_global', { values: { x: 1 } }],
        b: log('b'),
        gate: ['gate', { wait }],
        told: log('{{a__x}}'),
      },
      control: ['begin (2|) a', 'begin (1|) b', 'a (1|) gate', 'b (1|) gate', 'gate (1|) told'],
    })
    expect(messages(await run(flow('all')))).toEqual(['begin', 'b', '1'])
    await expect(run(flow('any'))).rejects.toMatchObject({
      diagnostics: [{ code: 'GLOBAL_TOO_EARLY', hint: expect.stringMatching(/^"gate" goes on with the first .* from "a" behind it$/) }],
    })
    await expect(run(flow('{{context.wait}}'))).rejects.toThrow('CONFIG_TYPE The config "wait" must be known')
  })
})
