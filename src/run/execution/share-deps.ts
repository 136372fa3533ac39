import pLimit from 'p-limit'
import { readMachine } from '../job/machine.js'
import type { ExecutorDeps } from './executor-deps.js'
import { createPublishedMask } from './mask-published.js'
import { ModuleLife } from './module-life.js'
import { createOverwriteWarner } from './overwrite-warner.js'
import type { SubFlowDeps } from './sub-flow-deps.js'
import { WorkerThreads } from './worker-threads.js'

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
