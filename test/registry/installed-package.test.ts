import { expect, test } from 'vitest'
import { isInstalled } from '../../src/registry/installed-package.js'

test.each([
  ['vitest', true],
  ['vitest@4', true],
  ['@duckdb/node-api', true],
  ['@duckdb/node-api@1.4', true],
  ['a-package-that-nobody-has@1', false],
])('a package is found with or without its version: %s', (name, found) => {
  expect(isInstalled(name, import.meta.dirname)).toBe(found)
})
