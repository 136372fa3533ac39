import { describe, expect, test } from 'vitest'
import { buildText, codesOf, writeFlow } from './flow-project.js'

const log = (id: string, message = 'x') => `${id}: log, message: "${message}"`
const source = (id: string) => `${id}: csv_source, file_path: ${id}.csv`
const sink = (id: string, target = `${id}.csv`, more = '') => `${id}: csv_sink, output_path: "${target}"${more}`

describe('sub flows', () => {
  test('data connections hold nodes together; one beside a control connection is a boundary', async () => {
    const { dag, metadata } = await buildText(
      writeFlow({
        modules: [sink('out'), 'keep: filter_mod, condition: a > 1', source('load'), 'again: filter_mod, condition: a > 2'],
        data: ['load.data - keep.input', 'keep.output - again.input', 'again.output - out.input'],
        control: ['keep (5|) again'],
      }),
    )
    expect(Object.entries(metadata.sub_flows).map(([name, { waves }]) => [name, waves])).toEqual([
      ['load', [['load'], ['keep']]],
      ['again', [['again'], ['out']]],
    ])
    expect(dag.data.map(({ boundary }) => boundary)).toEqual([false, true, false])
    expect(dag.nodes.map(({ sub_flow }) => sub_flow)).toEqual(['again', 'load', 'load', 'again'])
    expect([metadata.roots, metadata.order]).toEqual([['load'], ['load', 'again']])
  })

  test('Last is one more than the largest order of its node', async () => {
    const { dag } = await buildText(
      writeFlow({ modules: ['a', 'b', 'c', 'd'].map((id) => log(id)), control: ['a (Last|) b', 'a (7|) c', 'b ( last | ) d'] }),
    )
    expect(dag.control.map(({ order }) => order)).toEqual([8, 7, 1])
  })

  test('the static order is the walk: orders first, joins at their last connection', async () => {
    const { metadata } = await buildText(
      writeFlow({
        modules: ['a', 'b', 'c', 'd', 'e'].map((id) => log(id)),
        control: ['a (2|) b', 'a (1|) c', 'b (1|) d', 'c (1|) d', 'c (2|) e'],
      }),
    )
    expect(metadata.order).toEqual(['a', 'c', 'e', 'b', 'd'])
    expect(metadata.joins).toEqual({
      d: [
        { from: 'b', to: 'd' },
        { from: 'c', to: 'd' },
      ],
    })
  })
})

describe('loops', () => {
  const list = (id: string) => `${id}: list_files, path: in`

  test('a scope is what can be reached through the iterate connection alone', async () => {
    const { metadata } = await buildText(
      writeFlow({
        modules: [
          log('first'),
          list('files'),
          log('a', '{{iter.item.path}}'),
          list('inner'),
          log('b', '{{iter.index}} {{iter.outer.index}}'),
          log('after'),
        ],
        control: ['first (1|) files', 'files (1|iterate) a', 'a (1|) inner', 'inner (1|iterate) b', 'b (1|) after', 'first (2|) after'],
      }),
    )
    expect(metadata.scopes.map(({ connection, sub_flows }) => [connection.to, sub_flows])).toEqual([
      ['a', ['a', 'inner', 'b']],
      ['b', ['b']],
    ])
    expect(metadata.order).toEqual(['first', 'files', 'a', 'inner', 'b', 'after'])
  })

  const lookup = (lookupOrder: number) =>
    writeFlow({
      modules: [
        source('rates'),
        list('files'),
        'load: csv_source, file_path: "{{iter.item.path}}"',
        'join: lookup_mod',
        sink('out', '{{iter.index}}.csv'),
        sink('copy'),
      ],
      data: ['rates.data - copy.input', 'rates.data - join.lookup', 'load.data - join.input', 'join.output - out.input'],
      control: [`rates (${lookupOrder}|) join`, 'copy (5|) files', 'files (1|iterate) load'],
    })

  test('rows from before the list may be read inside', async () => {
    const { metadata } = await buildText(lookup(1))
    expect(metadata.scopes.map(({ sub_flows }) => sub_flows)).toEqual([['load']])
  })

  test('they have a lower order than the way to the list', async () => {
    expect(await codesOf(lookup(9))).toEqual(['LOOKUP_ORDER'])
  })

  test('the target of an iterate connection has no other way to it', async () => {
    expect(
      await codesOf(writeFlow({ modules: [list('files'), log('a'), log('other')], control: ['files (1|iterate) a', 'other (1|) a'] })),
    ).toEqual(['ITERATE_SHARED'])
  })

  test('a sink in a loop has a target that can differ between the frames', async () => {
    const writing = (target: string, more = '') =>
      codesOf(
        writeFlow({
          modules: [list('files'), source('load'), sink('out', target, more)],
          data: ['load.data - out.input'],
          control: ['files (1|iterate) load'],
        }),
      )
    expect(await writing('{{run.date}}/{{flow.name}}_{{env.HOME}}.csv')).toEqual(['TARGET_IN_LOOP'])
    expect(await writing('{{run.date}}.csv', ', mode: append')).toEqual([])
    expect(await writing('{{run.date}}_{{iter.index}}.csv')).toEqual([])
  })

  test('rows do not leave a loop', async () => {
    expect(
      await codesOf(
        writeFlow({
          modules: [list('files'), 'load: csv_source, file_path: "{{iter.item.path}}"', sink('out'), log('other')],
          data: ['load.data - out.input'],
          control: ['files (1|iterate) load', 'load (1|) out', 'other (1|) files'],
        }),
      ),
    ).toEqual(['TARGET_IN_LOOP'])
    expect(
      await codesOf(
        writeFlow({
          modules: [list('files'), 'load: csv_source, file_path: "{{iter.item.path}}"', source('side'), 'all: union_mod', sink('out')],
          data: ['load.data - all.input', 'side.data - all.input1', 'all.output - out.input'],
          control: ['files (1|iterate) load', 'load (1|) all', 'side (1|) all'],
        }),
      ),
    ).toEqual(['SCOPE_LEFT'])
  })
})

describe('globals exist when the order of the walk makes sure that their sub flow has ended', () => {
  /** `a` refers to a global of `s`. */
  const refer = (modules: readonly string[], control: readonly (string | object)[]) =>
    codesOf(writeFlow({ modules: ['s: set_global, values: { n: 1 }', log('user', '{{S__N}}'), ...modules.map((id) => log(id))], control }))
  const early = ['GLOBAL_TOO_EARLY']

  test.each<[string, readonly string[], readonly (string | object)[], readonly string[]]>([
    ['an ancestor', ['x'], ['s (1|) x', 'x (1|) user'], []],
    ['an ancestor through start', ['x'], ['s (1|start) x', 'x (1|) user'], []],
    ['a lower order', ['x'], ['x (1|) s', 'x (2|) user'], []],
    ['a higher order', ['x'], ['x (2|) s', 'x (1|) user'], early],
    ['the same order', ['x'], ['x (1|) s', 'x (1|) user'], early],
    ['a lower order in the background', ['x'], ['x (1|start) s', 'x (2|) user'], early],
    ['deep below a lower order', ['x', 'y', 'z'], ['x (1|) y', 'y (1|) s', 'x (2|) z', 'z (1|) user'], []],
    ['deep below a lower order, with start in between', ['x', 'y', 'z'], ['x (1|) y', 'y (1|start) s', 'x (2|) z', 'z (1|) user'], early],
    ['a descendant', [], ['user (1|) s'], early],
    ['an ancestor of an ancestor', ['x'], ['s (1|) x', 'x (1|) user'], []],
    ['before a join, in a parallel branch', ['x', 'y', 'z'], ['x (1|) y', 'x (1|) z', 'y (1|) s', 's (1|) user', 'z (1|) user'], []],
    [
      'beside a join, in a parallel branch',
      ['x', 'y', 'z', 'w'],
      ['x (1|) y', 'x (1|) z', 'y (1|) s', 'y (2|) w', 'w (1|) user', 'z (1|) user'],
      [],
    ],
    [
      'beside a join, later in a parallel branch',
      ['x', 'y', 'z', 'w'],
      ['x (1|) y', 'x (1|) z', 'y (2|) s', 'y (1|) w', 'w (1|) user', 'z (1|) user'],
      early,
    ],
    [
      'a join that a background walk may run',
      ['x', 'y', 'z', 'w'],
      ['x (1|start) y', 'x (2|) z', 'y (1|) s', 'z (1|) s', 'x (3|) w', 'w (1|) user'],
      early,
    ],
    ['a join that the walk runs', ['x', 'y', 'z', 'w'], ['x (1|) y', 'x (2|) z', 'y (1|) s', 'z (1|) s', 'x (3|) w', 'w (1|) user'], []],
    [
      'a join below parallel branches, for a later order',
      ['x', 'y', 'z', 'w'],
      ['x (1|) y', 'x (1|) z', 'y (1|) s', 'z (1|) s', 'x (2|) w', 'w (1|) user'],
      [],
    ],
    [
      'a join of parallel branches, inside one of them',
      ['x', 'y', 'z', 'w'],
      ['x (1|) y', 'x (1|) z', 'y (1|) s', 'z (1|) s', 'z (2|) w', 'w (1|) user'],
      early,
    ],
  ])('%s', async (_, modules, control, expected) => {
    expect(await refer(modules, control)).toEqual(expected)
  })

  test('earlier roots have ended, later ones have not', async () => {
    const flow = (first: string, second: string) =>
      writeFlow({ modules: [first, second, log('x'), log('y')], control: ['s (1|) x', 'user (1|) y'] })
    const [s, user] = ['s: set_global, values: { n: 1 }', log('user', '{{s__n}}')]
    expect(await codesOf(flow(s, user))).toEqual([])
    expect(await codesOf(flow(user, s))).toEqual(early)
  })

  test('a loop has ended with the background walks of its frames, also for what leaves it', async () => {
    const flow = (...control: string[]) =>
      codesOf(
        writeFlow({
          modules: ['files: list_files, path: in', log('a'), 's: set_global, values: { n: 1 }', log('user', '{{s__n}}')],
          control,
        }),
      )
    expect(await flow('files (1|iterate) a', 'a (1|start) s', 'files (2|) user')).toEqual([])
    expect(await flow('files (1|iterate) a', 'a (1|start) s', 'a (2|) user')).toEqual(early)
    expect(await flow('files (1|iterate) a', 'a (1|start) s', 'a (2|) user', 'files (3|) user')).toEqual([])
  })

  test('a condition may use the nodes of the sub flow that its connection leaves', async () => {
    const { dag } = await buildText(
      writeFlow({
        modules: [source('load'), sink('out'), log('x')],
        data: ['load.data - out.input'],
        control: ['out (1|{{LOAD__ROW_COUNT}} > 0 and {{out__row_count}} > 0) x'],
      }),
    )
    expect(dag.nodes.map(({ used_globals }) => used_globals)).toEqual([['row_count'], ['row_count'], []])
  })

  test('a config may not use a node of its own sub flow', async () => {
    expect(
      await codesOf(writeFlow({ modules: [source('load'), sink('out', '{{load__row_count}}.csv')], data: ['load.data - out.input'] })),
    ).toEqual(early)
  })

  test('a module may take any name', async () => {
    expect(await codesOf(writeFlow({ modules: ['q: query', log('x', '{{q__whatever}}')], control: ['q (1|) x'] }))).toEqual([])
  })
})

describe('sinks', () => {
  const two = (more: string) =>
    writeFlow({
      modules: [source('load'), sink('a', 'out/x.csv', more), sink('b', 'out/./x.csv', more)],
      data: ['load.data - a.input', 'load.reject - b.input'],
    })

  test('two of them do not share a target, but to append to it', async () => {
    expect(await codesOf(two(''))).toEqual(['TARGET_SHARED'])
    expect(await codesOf(two(', mode: append'))).toEqual([])
  })
})
