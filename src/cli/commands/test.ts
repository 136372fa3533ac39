import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import type { RefusedTests } from '../../testing/refused-tests.js'
import type { CaseResult } from '../../testing/testing.js'
import { EXIT } from '../exit-codes.js'
import { onStall } from '../process-end.js'
import { divertStdout } from '../terminal/divert-stdout.js'
import { removeOut, writeOut } from '../write-out.js'

/** `pype test [FLOW…]`: runs the cases of test files. */
export function register(program: Command): void {
  program
    .command('test')
    .description('run flows on given rows and hold what comes of it against what is expected')
    .argument('[flow...]', 'flows, test files, or folders; all test files below the current folder when none is given')
    .option('--filter <text>', 'only the cases that have this text in their name, or in that of their file')
    .option('--update', 'write what was found into the test files, as what is expected')
    .option('--junit <file>', 'write the results as JUnit XML too')
    .option('--json', 'print the results as JSON')
    .option('--parallel <n>', 'cases that run at once (default: one per CPU, at most 4)')
    .option('--keep', 'keep the folders of the cases, to look into them')
    .addHelpText(
      'after',
      `
Examples:
  $ pype test
  $ pype test flows/daily.yaml
  $ pype test flows/tests/daily.test.yaml --filter "no orders"
  $ pype test --junit out/tests.xml
  $ pype test flows/daily.yaml --update

Exit codes: 0 all passed, 1 a case failed, 2 a test file or its flow is wrong.`,
    )
    .action((flows: readonly string[], flags: Flags) => testFlows(flows, flags))
}

interface Flags {
  readonly filter?: string
  readonly update?: boolean
  readonly junit?: string
  readonly json?: boolean
  readonly parallel?: string
  readonly keep?: boolean
}

async function testFlows(flows: readonly string[], flags: Flags): Promise<void> {
  const { json = false, filter, keep, update } = flags
  const parallel = readParallel(flags.parallel)
  const [
    { runTests },
    { RefusedTests: Refused },
    { findTestFiles },
    { formatCase, formatTotals },
    { openPage },
    { runApart },
    { watchSignals },
  ] = await Promise.all([
    import('../../testing/testing.js'),
    import('../../testing/refused-tests.js'),
    import('../../testing/find-test-files.js'),
    import('../../testing/report/format-case.js'),
    import('../terminal/open-page.js'),
    import('../run-apart.js'),
    import('../start-run/watch-signals.js'),
  ])
  const controller = new AbortController()
  const begun = performance.now()
  // One of an earlier call must not stand for this one, which may end without.
  if (flags.junit !== undefined) removeOut(flags.junit)
  let folder: string | undefined
  const stdout = divertStdout()
  const endWatch = watchSignals(
    controller,
    undefined,
    () => folder !== undefined && keep !== true && rmSync(folder, { recursive: true, force: true }),
    new PypeError('CANCELLED', 'The tests were cancelled.'),
  )
  try {
    const { results, warnings } = await runTests(await findTestFiles(flows), {
      cwd: process.cwd(),
      env: process.env,
      signal: controller.signal,
      onStall,
      runApart,
      filter,
      keep,
      parallel,
      update,
      onFolder: (root) => {
        folder = root
      },
      onCase: (result) => {
        const page = openPage(process.stdout)
        if (!json) stdout.write(page.spell(formatCase(result, page)))
      },
    })
    stdout.release()
    if (warnings.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(warnings)
    if (flags.junit !== undefined) await writeJunit(flags.junit, results)
    process.stdout.write(json ? await formatJson(results) : `\n${formatTotals(results, (performance.now() - begun) / 1000)}`)
    process.exitCode = results.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.completed
  } catch (error) {
    if (error instanceof Refused && flags.junit !== undefined) await writeJunit(flags.junit, error)
    throw error
  } finally {
    stdout.release()
    endWatch()
  }
}

/** Each run holds threads of the process, which has 16 of them. */
const MOST_AT_ONCE = 8

function readParallel(text: string | undefined): number {
  if (text === undefined) return Math.min(4, availableParallelism())
  const parallel = Number(text)
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= MOST_AT_ONCE) return parallel
  throw new PypeError('USAGE', `--parallel ${text} is not a whole number from 1 to ${MOST_AT_ONCE}.`, { hint: 'e.g. --parallel 2' })
}

async function writeJunit(file: string, outcome: readonly CaseResult[] | RefusedTests): Promise<void> {
  const { formatJunit, formatRefusedJunit } = await import('../../testing/report/junit.js')
  await writeOut(file, 'files' in outcome ? formatRefusedJunit(outcome.files) : formatJunit(outcome))
}

async function formatJson(results: readonly CaseResult[]): Promise<string> {
  const { describeResult } = await import('../../testing/report/describe-result.js')
  return `${JSON.stringify(results.map(describeResult), undefined, 2)}\n`
}
