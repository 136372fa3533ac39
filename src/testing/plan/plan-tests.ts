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

/** A test file, and what is wrong with it or with its flow. */
export interface ReadFile {
  /** As it was named. */
  readonly file: string
  /** Undefined where it cannot be read as one. */
  readonly tests: TestFile | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** All that could be planned, and what was found in the test files and in their flows. */
export interface PlannedTests {
  readonly planned: readonly PlannedFile[]
  readonly read: readonly ReadFile[]
  /** Each once. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads test files, builds their flows into `out`, and holds the cases against them. Throws coded errors for test files that cannot be read. */
export async function planTests(files: readonly string[], out: string, cwd: string): Promise<PlannedTests> {
  const planned: PlannedFile[] = []
  const read: ReadFile[] = []
  const flows = new Map<string, Built>()
  for (const file of files) {
    const { tests, findings } = await loadTestFile(file)
    if (tests === undefined) {
      read.push({ file, tests, diagnostics: findings.list() })
      continue
    }
    const key = path.resolve(tests.flow)
    const built = flows.get(key) ?? (await build(tests, path.join(out, String(flows.size)), cwd))
    flows.set(key, built)
    const { flow } = built
    if (built.isAbsent === true) reportAbsent(tests, findings)
    if (flow !== undefined) {
      const cases = tests.cases.map((test) => planCase(test, flow, path.dirname(path.resolve(file)), findings))
      planned.push({ source: tests.source, flow, cases })
    }
    read.push({ file, tests, diagnostics: [...built.diagnostics, ...onceEach(findings.list())] })
  }
  return { planned, read, diagnostics: onceEach(read.flatMap(({ diagnostics }) => diagnostics)) }
}

/** A flow of test files, or why there is none. */
interface Built {
  readonly flow?: TestedFlow
  readonly isAbsent?: true
  readonly diagnostics: readonly Diagnostic[]
}

async function build(tests: TestFile, out: string, cwd: string): Promise<Built> {
  try {
    return { flow: await buildForTests(tests.flow, out, cwd), diagnostics: [] }
  } catch (error) {
    if (error instanceof DiagnosticsError) return { diagnostics: error.diagnostics }
    if (error instanceof PypeError && error.code === 'FILE_NOT_FOUND') return { isAbsent: true, diagnostics: [] }
    throw error
  }
}

function reportAbsent(tests: TestFile, findings: Findings): void {
  findings.error(
    'FILE_NOT_FOUND',
    tests.flowAt ?? { offset: 0, length: 1 },
    `There is no flow file ${tests.flow} for these tests.`,
    tests.flowAt === undefined ? 'name it: `flow: ../daily.yaml`' : 'the path starts at the folder of the test file',
  )
}

/** What stands beside the cases is part of each of them, and reported once. */
function onceEach(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [JSON.stringify(each), each])).values()]
}
