import path from 'node:path'
import type { Findings } from '../../build/findings.js'
import { type Diagnostic, DiagnosticsError, PypeError } from '../../core/errors.js'
import type { SourceText } from '../../core/source-text.js'
import { loadTestFile } from '../load/load-test-file.js'
import type { TestFile } from '../load/test-file.js'
import { buildForTests, type TestedFlow } from './build-for-tests.js'
import { type PlannedCase, planCase } from './plan-case.js'

/** A test file that goes with its flow. */
export interface PlannedFile {
  readonly source: SourceText
  readonly flow: TestedFlow
  readonly cases: readonly PlannedCase[]
}

/** All that could be planned, and what was found in the test files and in their flows. */
export interface PlannedTests {
  readonly planned: readonly PlannedFile[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads test files, builds their flows into `out`, and holds the cases against them. Throws coded errors for test files that cannot be read. */
export async function planTests(files: readonly string[], out: string, cwd: string): Promise<PlannedTests> {
  const planned: PlannedFile[] = []
  const diagnostics: Diagnostic[] = []
  const flows = new Map<string, TestedFlow | undefined>()
  for (const file of files) {
    const { tests, findings } = await loadTestFile(file)
    if (tests !== undefined) {
      const key = path.resolve(tests.flow)
      if (!flows.has(key)) flows.set(key, await build(tests, path.join(out, String(flows.size)), cwd, findings, diagnostics))
      const flow = flows.get(key)
      if (flow !== undefined) {
        const cases = tests.cases.map((test) => planCase(test, flow, path.dirname(path.resolve(file)), findings))
        planned.push({ source: tests.source, flow, cases })
      }
    }
    diagnostics.push(...onceEach(findings.list()))
  }
  return { planned, diagnostics }
}

async function build(
  tests: TestFile,
  out: string,
  cwd: string,
  findings: Findings,
  diagnostics: Diagnostic[],
): Promise<TestedFlow | undefined> {
  try {
    return await buildForTests(tests.flow, out, cwd)
  } catch (error) {
    if (error instanceof DiagnosticsError) diagnostics.push(...error.diagnostics)
    else if (error instanceof PypeError && error.code === 'FILE_NOT_FOUND')
      findings.error(
        'FILE_NOT_FOUND',
        tests.flowAt ?? { offset: 0, length: 1 },
        `There is no flow file ${tests.flow} for these tests.`,
        tests.flowAt === undefined ? 'name it: `flow: ../daily.yaml`' : 'the path starts at the folder of the test file',
      )
    else throw error
    return undefined
  }
}

/** What stands beside the cases is part of each of them, and reported once. */
function onceEach(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()]
}
