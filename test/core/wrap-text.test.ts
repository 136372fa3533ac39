import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { hangText, wrapText } from '../../src/core/wrap-text.js'

test('a text is broken at blanks, by its columns and not by its characters', () => {
  expect(wrapText('aaa bbb ccc', { columns: 7, indent: 2 })).toBe('aaa bbb\n  ccc')
  expect(wrapText('日本 日本', { columns: 8 })).toBe('日本\n日本')
  expect(wrapText('aaa bbb', { columns: 8, lead: 5 })).toBe('aaa\nbbb')
  expect(wrapText('a  b', { columns: 20 })).toBe('a  b')
  expect(wrapText('aaa bbb ccc', { columns: Number.POSITIVE_INFINITY })).toBe('aaa bbb ccc')
})

test('a command in backticks stays whole, and so does a word that is too long', () => {
  expect(wrapText('call `pype runs daily`, then go on', { columns: 12 })).toBe('call\n`pype runs daily`,\nthen go on')
  expect(wrapText('see /a/very/long/path/to/it here', { columns: 10 })).toBe('see\n/a/very/long/path/to/it\nhere')
  expect(wrapText('a ` alone is a character', { columns: 9 })).toBe('a ` alone\nis a\ncharacter')
})

test('lines that draw something stay as they are', () => {
  const drawn = 'It is wrong here:\nSELECT a, b, c FROM t\n          ^\n    and below'
  expect(wrapText(drawn, { columns: 12 })).toBe('It is wrong\nhere:\nSELECT a, b, c FROM t\n          ^\n    and below')
})

test('further lines stand below the text, or two blanks in where its lead is long', () => {
  expect(hangText('warning  ', 'one two three four five six', 30)).toBe('warning  one two three four\n         five six')
  expect(hangText('flows/a.yaml:1:1  ', 'one two three', 24)).toBe('flows/a.yaml:1:1  one\n  two three')
  expect(hangText('flows/a.yaml:1:1  ', 'flawed', 20)).toBe('flows/a.yaml:1:1  \n  flawed')
})

test('no word is lost or broken, and only a single word is wider than the columns', () => {
  const text = fc.array(fc.stringMatching(/^[a-zé日`]{1,9}$/), { minLength: 1 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 30 }), fc.integer({ min: 0, max: 3 }), (given, columns, indent) => {
      const wrapped = wrapText(given, { columns, indent })
      expect(wrapped.replaceAll(/\n +|\n/g, ' ')).toBe(given)
      for (const line of wrapped.split('\n'))
        if (stringWidth(line) > columns) expect(line.trim().replaceAll(/`[^`]*`/g, '')).not.toContain(' ')
    }),
  )
})
