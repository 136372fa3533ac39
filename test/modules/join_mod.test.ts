import { expect, test } from 'vitest'
import { type Case, ModuleProject } from './module-flow.js'

const left = [
  { id: 1, name: 'a', v: 10 },
  { id: 2, name: 'b', v: 20 },
  { id: null, name: 'n', v: 30 },
]
const right = [
  { id: 1, name: 'A', w: 1 },
  { id: 1, name: 'AA', w: 2 },
  { id: 3, name: 'C', w: 3 },
  { id: null, name: 'N', w: 4 },
]
const join = (configs: object, more: Partial<Case> = {}): Case => ({
  module: 'join_mod',
  configs,
  inputs: { left, right },
  after: [['sort_mod', { by: ['v', 'w'] }]],
  ...more,
})
const ids = (rows: readonly { readonly [name: string]: unknown }[] | undefined, ...names: string[]) =>
  rows?.map((row) => names.map((name) => row[name]))

test('join_mod joins in every way, with left rows without a match on reject', async () => {
  const project = new ModuleProject()
  const onId = { on: ['id'] }
  const leftOnly: Partial<Case> = { after: [['sort_mod', { by: ['v'] }]], reject: true }
  const found = await project.runCases({
    inner: join(onId, { reject: true }),
    left: join({ ...onId, how: 'left' }, { reject: true }),
    right: join({ ...onId, how: 'right' }),
    full: join({ ...onId, how: 'full' }),
    semi: join({ ...onId, how: 'semi' }, leftOnly),
    anti: join({ ...onId, how: 'anti' }, leftOnly),
    cross: join({ how: 'cross' }),
    suffix: join({ ...onId, suffix: '_r' }),
    taken: join(onId, { inputs: { left: left.map((row) => ({ ...row, name_right: 'x' })), right } }),
    other: join({ on: { v: 'x' } }, { inputs: { left, right: [{ x: 20, w: 0, v: 7 }] } }),
    two: join(
      { on: { id: 'id', v: 'x' } },
      {
        inputs: {
          left,
          right: [
            { id: 2, x: 20, w: 0 },
            { id: 2, x: 21, w: 1 },
          ],
        },
      },
    ),
    condition: join({ condition: '"left".v > "right".w * 9 -- more', how: 'inner' }, { reject: true }),
    conditionLeft: join({ condition: '"left".id = "right".id AND "right".w = 2', how: 'left' }),
    empty: join(onId, { inputs: { left, right: { rows: [], columns: { id: 'BIGINT', w: 'INTEGER' } } }, reject: true }),
    unknown: join({ on: ['nope'] }),
    unknownRight: join({ on: { id: 'nope' } }),
  })
  expect(found.inner.rows).toEqual([
    { id: 1, name: 'a', v: 10, name_right: 'A', w: 1 },
    { id: 1, name: 'a', v: 10, name_right: 'AA', w: 2 },
  ])
  expect(Object.keys(found.inner.rows?.[0] ?? {})).toEqual(['id', 'name', 'v', 'name_right', 'w'])
  expect([...(found.inner.rejects ?? [])].sort((a, b) => Number(a['v']) - Number(b['v']))).toEqual([left[1], left[2]])
  expect(ids(found.left.rows, 'id', 'v', 'w')).toEqual([
    [1, 10, 1],
    [1, 10, 2],
    [2, 20, null],
    [null, 30, null],
  ])
  expect(found.left.rejects).toHaveLength(2)
  expect(ids(found.right.rows, 'id', 'v', 'w')).toEqual([
    [1, 10, 1],
    [1, 10, 2],
    [3, null, 3],
    [null, null, 4],
  ])
  expect(ids(found.full.rows, 'id', 'name', 'name_right')).toEqual([
    [1, 'a', 'A'],
    [1, 'a', 'AA'],
    [2, 'b', null],
    [null, 'n', null],
    [3, null, 'C'],
    [null, null, 'N'],
  ])
  expect(found.semi.rows).toEqual([left[0]])
  expect(found.semi.rejects).toHaveLength(2)
  expect(found.anti.rows).toEqual([left[1], left[2]])
  expect(found.anti.rejects).toHaveLength(2)
  expect(found.cross.rows).toHaveLength(12)
  expect(Object.keys(found.cross.rows?.[0] ?? {})).toEqual(['id', 'name', 'v', 'id_right', 'name_right', 'w'])
  expect(Object.keys(found.suffix.rows?.[0] ?? {})).toEqual(['id', 'name', 'v', 'name_r', 'w'])
  expect(Object.keys(found.taken.rows?.[0] ?? {})).toEqual(['id', 'name', 'v', 'name_right', 'name_right_right', 'w'])
  expect(found.other.rows).toEqual([{ id: 2, name: 'b', v: 20, x: 20, w: 0, v_right: 7 }])
  expect(found.two.rows).toEqual([{ id: 2, name: 'b', v: 20, x: 20, w: 0 }])
  expect(ids(found.condition.rows, 'v', 'w')).toEqual([
    [10, 1],
    [20, 1],
    [20, 2],
    [30, 1],
    [30, 2],
    [30, 3],
  ])
  expect(found.condition.rejects).toEqual([])
  expect(Object.keys(found.condition.rows?.[0] ?? {})).toEqual(['id', 'name', 'v', 'id_right', 'name_right', 'w'])
  expect(ids(found.conditionLeft.rows, 'v', 'w')).toEqual([
    [10, 2],
    [20, null],
    [30, null],
  ])
  expect(found.empty.rows).toEqual([])
  expect(found.empty.rejects).toHaveLength(3)
  expect(found.unknown.error).toMatchObject({ code: 'SQL_INVALID', message: 'There is no column "nope" in the left input.' })
  expect(found.unknownRight.error).toMatchObject({
    message: 'There is no column "nope" in the right input.',
    hint: 'the columns are id, name, w',
  })
})

test('join_mod needs on or condition, but for a cross join', async () => {
  const project = new ModuleProject()
  const build = (configs: object) =>
    project.run({
      modules: {
        a: ['inline_source', { rows: left }],
        b: ['inline_source', { rows: right }],
        join: ['join_mod', configs],
        out: ['log_sink', {}],
      },
      data: ['a.data - join.left', 'b.data - join.right', 'join.output - out.input'],
    })
  await expect(build({})).rejects.toThrow(/either on or condition/)
  await expect(build({ on: ['id'], condition: 'true' })).rejects.toThrow(/either on or condition/)
  await expect(build({ how: 'cross', on: ['id'] })).rejects.toThrow(/cross join has neither/)
})

test('join_mod finds its columns as SQL does, and says which one is nearest', async () => {
  const project = new ModuleProject()
  const join = (configs: object) => ({
    module: 'join_mod',
    configs,
    inputs: { left: [{ constructor: 1, Key: 1 }, { constructor: 2 }], right: [{ KEY: 1, valueOf: 7 }] },
  })
  const found = await project.runCases({
    list: join({ on: ['key'] }),
    map: join({ on: { key: 'Key' }, how: 'right' }),
    near: join({ on: { kei: 'key' } }),
    right: join({ on: { key: 'constructor' } }),
  })
  expect(found.list.rows).toEqual([{ constructor: 1, Key: 1, valueOf: 7 }])
  expect(found.map.rows).toEqual([{ constructor: 1, Key: 1, valueOf: 7 }])
  expect(found.near.error).toMatchObject({ message: expect.stringContaining('"kei" in the left input'), hint: 'did you mean "Key"?' })
  expect(found.right.error).toMatchObject({
    message: expect.stringContaining('"constructor" in the right input'),
    hint: 'the columns are KEY, valueOf',
  })
})
