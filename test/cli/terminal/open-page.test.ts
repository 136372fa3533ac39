import { afterEach, expect, it, vi } from 'vitest'
import { openPage } from '../../../src/cli/terminal/open-page.js'
import { spellAscii, spellSigns } from '../../../src/cli/terminal/spell-ascii.js'

afterEach(() => vi.unstubAllEnvs())

const open = (stream: { readonly isTTY?: boolean; readonly columns?: number } | undefined) => openPage(stream as NodeJS.WriteStream)

it.each([
  ['a terminal', { isTTY: true, columns: 80 }, 80, 80],
  ['a terminal that has not told its size', { isTTY: true, columns: 0 }, 100, 100],
  ['a pipe', {}, 100, Number.POSITIVE_INFINITY],
  ['a file', undefined, 100, Number.POSITIVE_INFINITY],
])('%s has its width, and breaks sentences only where somebody looks', (_, stream, width, wrapAt) => {
  expect(open(stream)).toMatchObject({ width, wrapAt })
})

it.each([
  [{ LC_ALL: 'C' }, '+#>'],
  [{ LC_ALL: '', LC_CTYPE: 'POSIX', LANG: 'de_DE.UTF-8' }, '+#>'],
  [{ LC_ALL: 'C.UTF-8' }, '✓█→'],
  [{ LANG: 'de_DE.utf8' }, '✓█→'],
  [{}, '✓█→'],
  [{ LANG: 'de_DE.UTF-8', TERM: 'linux' }, '+#>'],
])('with %j a drawing is spelled %s, piped or not', (env, spelled) => {
  for (const name of ['LC_ALL', 'LC_CTYPE', 'LANG', 'TERM']) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(open({}).spell('✓█→')).toBe(spelled)
  expect(open({ isTTY: true, columns: 80 }).spell('✓█→')).toBe(spelled)
  expect(open(undefined).spell('✓█→')).toBe('✓█→')
})

it('what is spelled in ASCII keeps its columns, and letters stay', () => {
  expect(spellAscii('┌ ▷ käse  █░ ⇒ … ¼')).toBe('+ @ käse  #. = ~ ¼')
})

it('signs of sentences become longer, and what they tell of stays', () => {
  expect(spellSigns('a → käse, --set day=…')).toBe('a -> käse, --set day=...')
})
