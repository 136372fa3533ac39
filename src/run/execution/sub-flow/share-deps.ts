import pLimit from 'p-limit'
import { readMachine } from '../../job/machine.js'
import type { ExecutorDeps } from '../executor-deps.js'
import { ModuleLife } from '../node/module-life.js'
import { WorkerThreads } from '../node/worker-threads.js'
import { createPublishedMask } from '../published/mask-published.js'
import { createOverwriteWarner } from '../sinks/overwrite-warner.js'
import type { SubFlowDeps } from './sub-flow-deps.js'

/** Makes what the attempts of all sub flows share. Whoever makes it tears the modules down and closes the workers in the end. */
export function shareDeps(deps: ExecutorDeps): SubFlowDeps {
  const { settings } = deps.metadata
  return {
    ...deps,
    limit: pLimit(deps.threads),
    life: new ModuleLife(deps),
    workers: new WorkerThreads(deps.threads),
    policy: {
      maxRows: settings.spill_threshold_rows,
      maxProcessBytes: readMachine().memory * settings.max_ram_share,
      spillDir: deps.spillDir,
    },
    warnOfOverwrite: createOverwriteWarner(deps),
    published: createPublishedMask(deps),
  }
}
