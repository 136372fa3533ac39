import { PYPE_VERSION } from '../core/version.js'

// Results that nobody reads any more (`pype list-modules | head -1`), or whose terminal is gone, are no failure, and must not cut off a run that is going on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

const argv = process.argv.slice(2)
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  // Before anything else is loaded: scripts ask for the version often.
  process.stdout.write(`${PYPE_VERSION}\n`)
} else {
  const { runProgram } = await import('./program.js')
  await runProgram(argv)
}
