import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pLimit from 'p-limit'
import { LazyEngine } from '../build/columns/lazy-engine.js'
import { type Diagnostic, type Place, PypeError } from '../core/errors.js'
import { groupBy } from '../core/group-by.js'
import { placeOf } from '../core/source-text.js'
import { compareCase } from './compare/compare-case.js'
import type { Failure } from './compare/failure.js'
import type { PlannedCase } from './plan/plan-case.js'
import { type PlannedFile as PlannedTestFile, planTests } from './plan/plan-tests.js'
import { RefusedTests } from './refused-tests.js'
import { type CaseFolder, openCaseFolder, placeInCase } from './rehearse/case-plan.js'
import { layOutCase } from './rehearse/lay-out-case.js'
import { type CaseWorld, runCase } from './rehearse/run-case.js'
import { judgeUpdate, updateFile } from './update/update-file.js'

/** How tests are run. */
export interface TestOptions extends Omit<CaseWorld, 'share'> {
  /** Where the command was called. */
  readonly cwd: string
  /** Only cases whose name or file has this text. */
  readonly filter?: string | undefined
  /** Cases that run at once. */
  readonly parallel: number
  /** Whether the folders of the cases stay. */
  readonly keep?: boolean | undefined
  /** Whether what was found is written into the test files, as what is expected. */
  readonly update?: boolean | undefined
  /** Told the folder of all cases, absolute, before anything is in it. It goes in the end: where the process does not come to that, somebody else has to remove it. */
  readonly onFolder?: (folder: string) => void
  /** Told of each case in its turn. */
  readonly onCase?: (result: CaseResult) => void
}

/** What came of a case. */
export interface CaseResult {
  readonly file: string
  readonly flow: string
  readonly name: string
  readonly at: Place
  /** `updated`: it had failed, and its test file expects now what was found. */
  readonly status: 'passed' | 'failed' | 'skipped' | 'updated'
  /** Why it was skipped. */
  readonly reason?: string
  readonly seconds: number
  readonly failures: readonly Failure[]
  /** Its folder, where it stays. */
  readonly folder?: string
}

/** What came of all cases. */
export interface TestSummary {
  readonly results: readonly CaseResult[]
  readonly warnings: readonly Diagnostic[]
}

/**
 * Runs the cases of test files. Throws RefusedTests with all that is wrong with the files and their flows, before anything runs, and
 * coded errors for files that cannot be read.
 */
export async function runTests(files: readonly string[], options: TestOptions): Promise<TestSummary> {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'pype-cases-')))
  options.onFolder?.(root)
  const engines = new Map<string, LazyEngine>()
  try {
    const { planned, read, diagnostics } = await planTests(files, path.join(root, 'built'), options.cwd)
    if (diagnostics.some(({ severity }) => severity === 'error')) throw new RefusedTests(diagnostics, read)
    const chosen = planned.flatMap((file) =>
      file.cases.filter((each) => isChosen(each, file, options.filter)).map((each) => ({ file, each })),
    )
    if (chosen.length === 0)
      throw new PypeError('USAGE', `No case has ${JSON.stringify(options.filter)} in its name.`, {
        hint: 'leave --filter out to see all of them',
      })
    const limit = pLimit(options.parallel)
    const share = Math.min(options.parallel, chosen.length)
    const running = chosen.map(({ file, each }, i) =>
      limit(() => runOne(each, file, path.join(root, `case-${i + 1}`), { ...options, share }, engines)),
    )
    // All are awaited before any is looked at, so that no failure stays unhandled.
    const ended = Promise.allSettled(running)
    const results: CaseResult[] = []
    try {
      for (const each of running) {
        const result = await each
        options.onCase?.(result)
        results.push(result)
      }
    } finally {
      // Their folders must not go while they work in them.
      await ended
    }
    if (options.update === true) await updateFiles(chosen, results, engines)
    return { results, warnings: diagnostics }
  } finally {
    for (const engine of engines.values()) await engine.close()
    if (options.keep !== true) rmSync(root, { recursive: true, force: true })
  }
}

interface ChosenCase {
  readonly file: PlannedTestFile
  readonly each: PlannedCase
}

function isChosen({ test }: PlannedCase, { source }: PlannedTestFile, filter: string | undefined): boolean {
  if (filter === undefined) return true
  return `${source.file} ${test.name}`.toLowerCase().includes(filter.toLowerCase())
}

async function runOne(
  planned: PlannedCase,
  { source, flow }: PlannedTestFile,
  root: string,
  options: TestOptions & CaseWorld,
  engines: Map<string, LazyEngine>,
): Promise<CaseResult> {
  const { test } = planned
  const about = { file: source.file, flow: flow.file, name: test.name, at: placeOf(source, test.nameAt) }
  if (test.skip !== undefined) return { ...about, status: 'skipped', reason: test.skip, seconds: 0, failures: [] }
  options.signal.throwIfAborted()
  const begun = performance.now()
  const folder = openCaseFolder(root)
  mkdirSync(root, { recursive: true })
  layOutCase(folder, flow.job, { ...planned.layout, files: placeFiles(planned, folder) })
  const run = await runCase(planned.layout.plan, folder, options)
  options.signal.throwIfAborted()
  const { time_zone: zone } = flow.job.metadata.settings
  const engine = engines.get(zone) ?? new LazyEngine(options.cwd, zone, true)
  engines.set(zone, engine)
  const failures = await compareCase({ planned, flow, source, folder, run, lend: () => engine.open() })
  const seconds = (performance.now() - begun) / 1000
  const kept = options.keep === true ? { folder: root } : {}
  if (options.update !== true) return { ...about, status: failures.length > 0 ? 'failed' : 'passed', seconds, failures, ...kept }
  const verdict = judgeUpdate(source, { index: test.index, failures })
  const failed = verdict.canUpdate ? 'updated' : 'failed'
  return { ...about, status: failures.length > 0 ? failed : 'passed', seconds, failures: verdict.failures, ...kept }
}

async function updateFiles(
  chosen: readonly ChosenCase[],
  results: readonly CaseResult[],
  engines: ReadonlyMap<string, LazyEngine>,
): Promise<void> {
  const updates = results.flatMap(({ status, failures }, i) => {
    const index = chosen[i]?.each.test.index
    const file = chosen[i]?.file
    return status === 'updated' && index !== undefined && file !== undefined ? [{ file, index, failures }] : []
  })
  for (const [{ source, flow }, ofFile] of groupBy(updates, ({ file }) => file)) {
    const engine = engines.get(flow.job.metadata.settings.time_zone)
    if (engine !== undefined) await updateFile(source.file, ofFile, () => engine.open())
  }
}

function placeFiles({ files }: PlannedCase, folder: CaseFolder) {
  return files.map(({ path: written, content }) => ({ to: path.resolve(folder.files, placeInCase(written, folder)), content }))
}
