import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionSyntaxError } from '../../src/core/connection-syntax.js'
import { parseData, printData } from '../../src/core/data-connection.js'
import { type ControlSpec, fromLongForm, isLongForm, parseControl, printControl } from '../../src/core/valve.js'

const id = fc.stringMatching(/^[a-zA-Z](_?[a-zA-Z0-9]){0,8}$/)
const order = fc.oneof(fc.integer({ min: 1, max: 999_999_999 }), fc.constant('Last' as const))
const condition = fc
  .string({ unit: fc.constantFrom('a', ' ', '(', ')', '|', '{', '}', '>', "'", '0', '\n', 'é') })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const spec: fc.Arbitrary<ControlSpec> = fc
  .record({
    from: id,
    to: id,
    order,
    type: fc.constantFrom('normal', 'iterate', 'start', 'error', 'done'),
    condition: fc.option(condition),
    concurrency: fc.integer({ min: 1, max: 9 }),
  })
  .map((made) => ({ ...made, concurrency: made.type === 'iterate' ? made.concurrency : null }))
const blanks = fc.stringMatching(/^[ \t\n]{0,3}$/)

describe('control connections', () => {
  test('what is printed reads back the same', () => {
    fc.assert(
      fc.property(spec, (made) => {
        const printed = printControl(made)
        if (typeof printed === 'string') expect(parseControl(printed).spec).toEqual(made)
        else {
          const json = JSON.parse(JSON.stringify(printed))
          expect(isLongForm(json)).toBe(true)
          expect(fromLongForm(json)).toEqual(made)
        }
      }),
    )
  })

  test('blanks may stand around every part', () => {
    fc.assert(
      fc.property(spec, fc.array(blanks, { minLength: 8, maxLength: 8 }), (made, gaps) => {
        const [a, b, c, d, e, f, g, h] = gaps
        const body = made.type === 'normal' ? (made.condition ?? '') : made.type
        fc.pre(parseControl(`x (1|${body}) y`).spec.type === made.type)
        const parsed = parseControl(`${a}${made.from}${b}(${c}${made.order}${d}|${e}${body}${f})${g}${made.to}${h}`).spec
        expect([parsed.from, parsed.to, parsed.order, parsed.type]).toEqual([made.from, made.to, made.order, made.type])
      }),
    )
  })

  test('a valve ends at the last parenthesis before the target', () => {
    expect(parseControl('a (1|coalesce({{a__n}}, (1)) > 0 || x) b').spec.condition).toBe('coalesce({{a__n}}, (1)) > 0 || x')
  })

  test.each([
    ['a (0|) b', 3, 1, 'order 0 belongs to the data connections'],
    ['a (1000000000|) b', 3, 10, 'orders are walked'],
    ['a (1.5|) b', 3, 3, 'orders are walked'],
    ['a (|) b', 3, 1, 'orders are walked'],
    ['a (1) b', 2, 3, 'write it as'],
    ['a b', 0, 3, 'write it as'],
    ['a (1|', 2, 1, 'write it as'],
    ['a.data (1|) b', 0, 6, 'leave the port out'],
    ['a (1|) ', 6, 1, 'write it as'],
  ])('%s is refused at its fault', (text, offset, length, hint) => {
    const error = faultOf(() => parseControl(text))
    expect([error.offset, error.length]).toEqual([offset, length])
    expect(error.hint).toContain(hint)
  })
})

describe('data connections', () => {
  test('what is printed reads back the same', () => {
    fc.assert(
      fc.property(fc.record({ from: id, fromPort: id, to: id, toPort: id }), (made) => {
        expect(parseData(printData(made)).spec).toEqual(made)
      }),
    )
  })

  test.each([
    ['a.data b.input', 0],
    ['a - b.input', 0],
    ['a.data - b', 9],
    ['a.data - b.in put', 11],
  ])('%s is refused at its fault', (text, offset) => {
    expect(faultOf(() => parseData(text)).offset).toBe(offset)
  })
})

function faultOf(read: () => unknown): ConnectionSyntaxError {
  try {
    read()
  } catch (error) {
    if (error instanceof ConnectionSyntaxError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
