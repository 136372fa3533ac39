import { afterEach, expect, it, vi } from 'vitest'
import { openPaint } from '../../../src/cli/terminal/open-paint.js'

afterEach(() => vi.unstubAllEnvs())

const terminal = { isTTY: true }
const pipe = {}

it.each([
  [terminal, {}, true],
  [pipe, {}, false],
  [undefined, { FORCE_COLOR: '1' }, false],
  [terminal, { TERM: 'dumb' }, false],
  [terminal, { NO_COLOR: '1' }, false],
  [terminal, { NO_COLOR: '' }, true],
  [pipe, { FORCE_COLOR: '1' }, true],
  [pipe, { FORCE_COLOR: '' }, true],
  [terminal, { FORCE_COLOR: '0' }, false],
  [terminal, { FORCE_COLOR: '1', TERM: 'dumb' }, true],
  [terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
])('%j with %j is coloured: %j', (stream, env, isColored) => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  expect(openPaint(stream)('red', 'text') !== 'text').toBe(isColored)
})
