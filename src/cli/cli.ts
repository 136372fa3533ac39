import { PYPE_VERSION } from '../core/version.js'
import { EXIT } from './exit-codes.js'
import { watchOutput } from './terminal/lost-output.js'

const findLostOutput = watchOutput(process.stdout, process.stderr)
const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // Before anything else is loaded: scripts ask for the version often.
  process.stdout.write(`${PYPE_VERSION}\n`)
} else {
  const [{ runProgram }, { guardEnd }] = await Promise.all([import('./program.js'), import('./process-end.js')])
  const ended = guardEnd()
  await runProgram(argv)
  ended()
}

const lost = await findLostOutput()
if (lost !== undefined) {
  const { printError } = await import('./terminal/print-error.js')
  printError(lost)
  // Another code says more, that a run was cancelled for one.
  if (process.exitCode === undefined || process.exitCode === EXIT.completed) process.exitCode = EXIT.failed
}
