import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('derive_mod computes one column after the other and replaces in place', async () => {
  const project = new ModuleProject()
  const input = [{ qty: 2, price: 10, note: 'a' }]
  const derive = (columns: object, rows: readonly object[] = input) => ({
    module: 'derive_mod',
    configs: { columns },
    inputs: { input: rows },
  })
  const found = await project.runCases({
    later: derive({ total: 'qty * price', tax: 'total * 0.5', both: 'total + tax -- with tax' }),
    replaced: derive({ price: 'price + 1', total: 'price * qty', qty: 'qty + total' }),
    otherCase: derive({ PRICE: 'price + 1', twice: 'price * 2' }),
    same: derive({ a: 'uuid()', b: 'a' }),
    names: derive({ 'a "b"': "note || '''x'''", "it's": '1' }),
    window: derive({ n: 'row_number() OVER (ORDER BY v DESC)' }, [{ v: 1 }, { v: 3 }, { v: 2 }]),
    unknown: derive({ total: 'qty * prise' }),
    earlier: derive({ a: 'b', b: '1' }),
    fails: derive({ n: 'CAST(note AS INTEGER)' }),
  })
  expect(found.later.rows).toEqual([{ qty: 2, price: 10, note: 'a', total: 20, tax: 10, both: 30 }])
  expect(found.replaced.rows).toEqual([{ qty: 24, price: 11, note: 'a', total: 22 }])
  expect(Object.keys(found.replaced.rows?.[0] ?? {})).toEqual(['qty', 'price', 'note', 'total'])
  expect(found.otherCase.rows).toEqual([{ qty: 2, price: 11, note: 'a', twice: 22 }])
  expect(found.same.rows?.[0]?.['a']).toBe(found.same.rows?.[0]?.['b'])
  expect(found.names.rows).toEqual([{ ...input[0], 'a "b"': "a'x'", "it's": 1 }])
  expect(found.window.rows).toHaveLength(3)
  expect(found.window.rows).toContainEqual({ v: 3, n: 1 })
  expect(found.unknown.error).toMatchObject({ code: 'SQL_INVALID', hint: expect.stringContaining('price') })
  expect(found.earlier.error?.code).toBe('SQL_INVALID')
  expect(found.fails.error).toMatchObject({ code: 'SQL_FAILED', message: expect.stringContaining("'a'") })
})
