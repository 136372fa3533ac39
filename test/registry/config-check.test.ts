import { describe, expect, test } from 'vitest'
import { checkConfigValue, matchConfigType } from '../../src/registry/config-check.js'
import type { ConfigSpec } from '../../src/sdk/define-module.js'

function spec(parts: Partial<ConfigSpec> & Pick<ConfigSpec, 'type'>): ConfigSpec {
  return { description: 'For the test.', example: null, ...parts }
}

describe('values that fit', () => {
  test.each<[ConfigSpec, unknown]>([
    [spec({ type: 'str' }), ''],
    [spec({ type: 'str', pattern: { regex: '[a-z]+', expected: 'a word' } }), 'word'],
    [spec({ type: 'int', min: 1 }), 1],
    [spec({ type: 'int' }), Number.MAX_SAFE_INTEGER],
    [spec({ type: 'float' }), 0.5],
    [spec({ type: 'bool' }), false],
    [spec({ type: 'enum', values: ['a', 'b'] }), 'b'],
    [spec({ type: 'list', of: 'int' }), [1, 2]],
    [spec({ type: 'list' }), [1, 'a', null]],
    [spec({ type: 'dict', of: 'sql' }), { a: 'b + 1' }],
    [spec({ type: 'columns' }), ['a']],
    [spec({ type: ['path', 'list'], of: 'path' }), ['a', 'b']],
    [spec({ type: 'str', default: null }), null],
  ])('%j takes %j', (config, value) => {
    expect(checkConfigValue(config, value)).toBeUndefined()
  })
})

describe('values that do not fit', () => {
  test.each<[ConfigSpec, unknown, string]>([
    [spec({ type: 'str' }), 3, 'expected a text, got the number 3'],
    [spec({ type: 'str' }), null, 'expected a text, got no value'],
    [spec({ type: 'path' }), '', 'expected a path, got an empty text'],
    [spec({ type: 'str', pattern: { regex: '[a-z]+', expected: 'a word' } }), 'a word', 'expected a word, got the text "a word"'],
    [spec({ type: 'int' }), 1.5, 'expected a whole number, got the number 1.5'],
    [spec({ type: 'int' }), 2 ** 53, 'expected a whole number, got the number 9007199254740992'],
    [spec({ type: 'int', min: 1, max: 9 }), 10, 'expected a whole number from 1 to 9, got the number 10'],
    [spec({ type: 'int', min: 0 }), 'ten', 'expected a whole number of at least 0, got the text "ten"'],
    [spec({ type: 'float' }), Number.NaN, 'expected a number, got the number NaN'],
    [spec({ type: 'bool' }), 'yes', 'expected true or false, got the text "yes"'],
    [spec({ type: 'enum', values: ['a', 'b'] }), 'c', 'expected one of "a", "b", got the text "c"'],
    [spec({ type: 'list', of: 'int' }), [1, 'x'], 'expected a list of whole numbers, got the text "x" at position 2'],
    [spec({ type: 'dict', of: 'sql' }), { a: 1 }, 'expected a map of SQL texts, got the number 1 for "a"'],
    [
      spec({ type: 'dict', of: 'sql', expression: true }),
      { a: '1, 2' },
      'expected a map of SQL expressions, got the text "1, 2", where a "," makes a list, and one expression is expected for "a"',
    ],
    [spec({ type: 'sql' }), 'a)', 'expected an SQL text, got the text "a)", where a ")" closes nothing'],
    [spec({ type: 'columns' }), 'a', 'expected a list of column names, got the text "a"'],
    [spec({ type: ['path', 'list'], of: 'path' }), ['a', 7], 'expected a path or a list of paths, got the number 7 at position 2'],
    [spec({ type: ['path', 'list'], of: 'path' }), true, 'expected a path or a list of paths, got true'],
  ])('%j refuses %j', (config, value, fault) => {
    expect(checkConfigValue(config, value)).toBe(fault)
  })

  test('the value of a secret is never repeated', () => {
    expect(checkConfigValue(spec({ type: 'secret' }), 12345)).toBe('expected a secret text, got a number')
    expect(checkConfigValue(spec({ type: ['secret', 'int'] }), 'hunter2')).toBeUndefined()
    expect(checkConfigValue(spec({ type: 'dict', of: 'secret' }), { login: 4711 })).not.toContain('4711')
  })
})

test('a value is taken as the first type that it fits', () => {
  expect(matchConfigType(spec({ type: ['int', 'float', 'str'] }), 1.5)).toBe('float')
  expect(matchConfigType(spec({ type: ['columns', 'sql'] }), 'a > 1')).toBe('sql')
  expect(matchConfigType(spec({ type: 'int' }), 'x')).toBeUndefined()
})
