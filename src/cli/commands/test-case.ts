import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { EXIT } from '../exit-codes.js'

/** `pype test-case FOLDER`: the process that `pype test` lets die. It is not in the help. */
export function register(program: Command): void {
  program
    .command('test-case', { hidden: true })
    .description('run a case of a test up to the point where it is to be killed')
    .argument('<folder>', 'the folder that `pype test` has made for the case')
    .action((folder: string) => runTestCase(folder))
}

async function runTestCase(folder: string): Promise<void> {
  const [{ runMortalCase }, { printRunErrors }] = await Promise.all([
    import('../../testing/rehearse/run-case.js'),
    import('../terminal/print-error.js'),
  ])
  const controller = new AbortController()
  const cancel = () => controller.abort(new PypeError('CANCELLED', 'The tests were cancelled.'))
  // A terminal sends SIGINT and SIGHUP to both processes; the one that has started this one decides.
  process
    .on('SIGINT', () => {})
    .on('SIGHUP', () => {})
    .once('SIGTERM', cancel)
  // Nobody waits for it any more when that process is gone.
  process.stdin.once('end', cancel).resume().unref()
  const { status, errors } = await runMortalCase(folder, process.env, controller.signal, die)
  if (errors.length > 0) printRunErrors(errors)
  process.exitCode = status === 'completed' ? EXIT.completed : EXIT.failed
}

/** As a kill from outside: no handler runs, nothing is flushed. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  throw new PypeError('INTERNAL', 'The process has outlived its kill.')
}
