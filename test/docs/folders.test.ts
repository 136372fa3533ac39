import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')

it('contributing names every folder of the source that holds files, each once', () => {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const folders = new Set(files.map(({ parentPath }) => path.relative(ROOT, parentPath)).filter((folder) => folder !== 'src'))
  const rows = readFileSync(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `(src\/[^`]+)` \|/gm)
  expect([...rows].map(([, folder]) => folder).sort()).toEqual([...folders].sort())
})
