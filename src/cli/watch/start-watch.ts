import { existsSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { isYamlName, suggestPath } from '../../core/near-path.js'
import { isFlowFile } from '../find-job/find-target.js'
import { asksForBackfill, type BackfillFlags } from '../start-run/backfill-flags.js'
import type { RunFlags } from '../start-run/run-options.js'
import { onHangUp } from '../terminal/on-hang-up.js'
import { watchFlow } from './watch-flow.js'

/** `pype run FLOW --watch`, until Ctrl-C. Sets the exit code. Throws USAGE for what does not go with it. */
export async function startWatch(flow: string, flags: RunFlags & BackfillFlags): Promise<void> {
  refuseOthers(flow, flags)
  const { argv, env, execPath, execArgv } = process
  const end = new AbortController()
  const force = new AbortController()
  const hear = () => (end.signal.aborted ? force : end).abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hear)
  onHangUp(() => end.abort())
  const { context } = flags
  process.exitCode = await watchFlow({
    flow,
    // A name is looked for among the contexts of the flow, all of which are watched.
    context: context !== undefined && /[/.]/.test(context) ? path.resolve(context) : undefined,
    cwd: process.cwd(),
    command: [execPath, ...execArgv, ...argv.slice(1).filter((word) => word !== '--watch')],
    env,
    tell: (text) => process.stderr.write(text),
    signal: end.signal,
    force: force.signal,
  })
}

function refuseOthers(flow: string, flags: RunFlags & BackfillFlags): void {
  if (!isFlowFile(flow, process.cwd())) {
    throw new PypeError('USAGE', `--watch takes a flow file, and ${flow} is none.`, { hint: 'e.g. pype run flows/daily.yaml --watch' })
  }
  if (!existsSync(flow))
    throw new PypeError('FILE_NOT_FOUND', `There is no flow file ${flow}.`, {
      hint: suggestPath(flow, process.cwd(), isYamlName, 'check the path; a flow is one YAML file'),
    })
  if (flags.resume !== undefined || asksForBackfill(flags))
    throw new PypeError('USAGE', '--watch starts a new run after each change; it goes neither with --resume nor with --from.', {
      hint: 'leave out --watch',
    })
}
