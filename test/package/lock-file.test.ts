import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: { readonly [name: string]: string }
}

const LOCK: { readonly packages: { readonly [path: string]: Locked } } = JSON.parse(
  readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'),
)

test('the lock file names no registry: it works with any mirror', () => {
  expect(Object.entries(LOCK.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

// npm leaves out what a mirror does not have, and `npm ci` then refuses the lock file everywhere.
test('the lock file has the packages of every platform', () => {
  const missing = Object.entries(LOCK.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in LOCK.packages || `${path}/node_modules/${name}` in LOCK.packages),
    ),
  )
  expect(missing).toEqual([])
})
