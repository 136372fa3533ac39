import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildFlow, validateFlow } from '../../src/build/build.js'
import type { FrameStyle } from '../../src/cli/terminal/code-frame.js'
import { formatDiagnostics, formatErrors, readSource } from '../../src/cli/terminal/print-diagnostics.js'
import { ERROR_CODES } from '../../src/core/error-codes.js'
import { DiagnosticsError, PypeError } from '../../src/core/errors.js'
import { toEventError } from '../../src/core/events.js'
import { runJob } from '../../src/run/run.js'
import { CODES_OF_OTHER_TESTS } from './codes-of-other-tests.js'
import { plainPage } from './terminal/plain-page.js'

const CORPUS = fileURLToPath(new URL('../corpus/wrong/', import.meta.url))
const CASES = readdirSync(CORPUS).sort()
const styleIn = (folder: string): FrameStyle => ({
  ...plainPage(120),
  readSource: (file) => readSource(path.resolve(folder, file)),
})

/** How a flow is run whose fault only a run can find: `run.json` beside it. */
interface RunCase {
  /** Values of the context. */
  readonly set?: { readonly [name: string]: string }
  /** Files that come only after the build. */
  readonly late?: readonly string[]
}

/**
 * Each folder of the corpus is a flow with one fault and its files; `expected.txt` is all that `pype validate` prints of it, or `pype run`
 * where there is a `run.json`. UPDATE_EXPECTED=1 writes what is printed now: read it, for it has to help somebody who wrote that flow.
 */
describe('wrong flows', () => {
  test.each(CASES)('%s', async (name) => {
    const printed = await print(name)
    const file = path.join(CORPUS, name, 'expected.txt')
    if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(file, printed)
    expect(printed).toBe(readFileSync(file, 'utf8'))
    expect(printed, 'a way out').toMatch(/^ {2}hint: \S/m)
    expect(printed, 'the inside').not.toMatch(/\bundefined\b|\[object |\bNaN\b|INTERNAL/)
  })

  test('are enough to show every code, but for those that other tests cover', () => {
    const shown = CASES.map((name) => readFileSync(path.join(CORPUS, name, 'expected.txt'), 'utf8')).join('\n')
    const codes = new Set([...shown.matchAll(/(?:^| {2})(?:error|warning) ([A-Z_]+) {2}/gm)].map(([, code]) => code))
    const missing = Object.keys(ERROR_CODES).filter((code) => !codes.has(code))
    expect(missing.sort()).toEqual(Object.keys(CODES_OF_OTHER_TESTS).sort())
    for (const [code, test] of Object.entries(CODES_OF_OTHER_TESTS)) {
      const [, file = '', says = code] = /^(\S+)(?: (.*))?$/.exec(test) ?? []
      expect(readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8'), file).toContain(says)
    }
  })
})

/** What the command prints of a case to stderr, with the folder of the flow left out. */
async function print(name: string): Promise<string> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'pype-wrong-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(path.join(CORPUS, name), folder, { recursive: true })
  rmSync(path.join(folder, 'expected.txt'), { force: true })
  const spec = path.join(folder, 'run.json')
  const found = existsSync(spec) ? await run(folder, JSON.parse(readFileSync(spec, 'utf8'))) : await validate(folder)
  return found
    .replaceAll(`${folder}/`, '')
    .replaceAll(folder, '.')
    .replaceAll(/\d+(\.\d+)? MiB/g, '… MiB')
    .replaceAll(/shows all \d+/g, 'shows all …')
}

async function validate(folder: string): Promise<string> {
  return reporting(folder, async () => {
    const { diagnostics } = await validateFlow(path.join(folder, 'flow.yaml'), { columns: { cwd: folder } })
    return diagnostics.length === 0 ? 'valid\n' : formatDiagnostics(diagnostics, styleIn(folder))
  })
}

async function run(folder: string, { set = {}, late = [] }: RunCase): Promise<string> {
  const aside = (file: string) => path.join(folder, `${file}.late`)
  for (const file of late) renameSync(path.join(folder, file), aside(file))
  return reporting(folder, async () => {
    const { job } = await buildFlow(path.join(folder, 'flow.yaml'), { out: path.join(folder, 'jobs'), columns: { cwd: folder } })
    for (const file of late) renameSync(aside(file), path.join(folder, file))
    const summary = await runJob(job, { cwd: folder, env: { PATH: process.env['PATH'] }, set, date: '2026-01-15' })
    return summary.errors.length === 0 ? `${summary.status}\n` : formatErrors(summary.errors, styleIn(folder))
  })
}

async function reporting(folder: string, print: () => Promise<string>): Promise<string> {
  try {
    return await print()
  } catch (error) {
    if (error instanceof DiagnosticsError) return formatDiagnostics(error.diagnostics, styleIn(folder))
    if (error instanceof PypeError) return formatErrors([toEventError(error)], styleIn(folder))
    throw error
  }
}
