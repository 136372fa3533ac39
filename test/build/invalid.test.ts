import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { validateFlow } from '../../src/build/build.js'
import { type Diagnostic, DiagnosticsError } from '../../src/core/errors.js'
import { CATALOGUE } from './fake-catalogue.js'

const CORPUS = fileURLToPath(new URL('../corpus/invalid/', import.meta.url))

/** A wrong flow dropped into the folder is a test; what is expected of it stands beside it (`--update` writes it for review). */
describe('wrong flows', () => {
  test.each(readdirSync(CORPUS).filter((file) => file.endsWith('.yaml')))('%s', async (file) => {
    const { error, text } = await findingsOf(path.join(CORPUS, file))
    expect(error).toBe(true)
    await expect(text).toMatchFileSnapshot(path.join(CORPUS, file.replace(/\.yaml$/, '.expected')))
  })
})

async function findingsOf(file: string): Promise<{ readonly error: boolean; readonly text: string }> {
  const lines = readFileSync(file, 'utf8').split('\n')
  const format = ({ severity, code, message, hint, at }: Diagnostic) => {
    const marked = lines[(at?.line ?? 0) - 1]?.slice((at?.column ?? 1) - 1, (at?.column ?? 1) - 1 + (at?.length ?? 0))
    return `${at?.line}:${at?.column} ${severity} ${code} at [${marked}]\n  ${message}\n  ${hint ?? '(no hint)'}\n`
  }
  try {
    return { error: false, text: (await validateFlow(file, { catalogue: CATALOGUE })).diagnostics.map(format).join('') }
  } catch (error) {
    if (error instanceof DiagnosticsError) return { error: true, text: error.diagnostics.map(format).join('') }
    throw error
  }
}
