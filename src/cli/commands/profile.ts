import type { Command } from 'commander'
import { addPreviewOptions, type PreviewFlags, readPreviewOptions } from '../rows/preview-options.js'
import { watchSignals } from '../start-run/watch-signals.js'
import { divertStdout } from '../terminal/divert-stdout.js'

/** `pype profile FLOW NODE[.PORT]`: what the values of each column are like that leave a port. */
export function register(program: Command): void {
  const command = program
    .command('profile')
    .description('show what the values are like that leave a node: types, nulls, distinct, range, top values, a histogram')
    .argument('<flow>', 'a flow file')
    .argument('[port]', 'a node or one of its ports: node.port; of a sink, what it would get')
    .option('--json', 'print JSON')
  addPreviewOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ pype profile flows/daily.yaml orders
  $ pype profile flows/daily.yaml orders --sample 10%
  $ pype profile flows/daily.yaml joined.reject --where "city = 'London'"
  $ pype profile flows/daily.yaml orders --json`,
    )
    .action(showProfile)
}

interface Flags extends PreviewFlags {
  readonly json?: boolean
}

async function showProfile(file: string, port: string | undefined, flags: Flags): Promise<void> {
  const [{ planFlowFile }, { previewPort }, { writeProfile }] = await Promise.all([
    import('../../build/build.js'),
    import('../../run/preview/preview.js'),
    import('../rows/write-profile.js'),
  ])
  const { dag, metadata } = await planFlowFile(file)
  const controller = new AbortController()
  const flow = { file, dag, metadata }
  const options = { ...readPreviewOptions(flow, flags, controller.signal), forProfile: true }
  const ended = watchSignals(controller)
  const stdout = divertStdout()
  try {
    await previewPort(flow, port, options, (rows) => {
      stdout.release()
      return writeProfile(rows, { sample: options.sample, json: flags.json === true }, controller.signal)
    })
  } finally {
    stdout.release()
    ended()
  }
}
