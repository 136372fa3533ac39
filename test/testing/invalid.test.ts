import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../src/core/errors.js'
import { planTests } from '../../src/testing/plan/plan-tests.js'
import { createProject } from '../cli/pype-project.js'

const CORPUS = fileURLToPath(new URL('../corpus/invalid-tests/', import.meta.url))

/** A wrong test file dropped into the folder is a test; what is expected of it stands beside it (`--update` writes it for review). */
describe('wrong test files', () => {
  test.each(readdirSync(CORPUS).filter((file) => file.endsWith('.test.yaml')))('%s', async (name) => {
    const file = path.join(CORPUS, name)
    const { diagnostics } = await planTests([file], path.join(createProject().folder, 'built'), tmpdir())
    const lines = readFileSync(file, 'utf8').split('\n')
    const format = ({ severity, code, message, hint, at }: Diagnostic) => {
      const marked = lines[(at?.line ?? 0) - 1]?.slice((at?.column ?? 1) - 1, (at?.column ?? 1) - 1 + (at?.length ?? 0))
      const tidy = (text: string) => text.replaceAll(CORPUS, '').replaceAll(/test\/corpus\/invalid-tests\//g, '')
      return `${at?.line}:${at?.column} ${severity} ${code} at [${marked}]\n  ${tidy(message)}\n  ${tidy(hint ?? '(no hint)')}\n`
    }
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    await expect(diagnostics.map(format).join('')).toMatchFileSnapshot(path.join(CORPUS, name.replace(/\.test\.yaml$/, '.expected')))
  })
})
