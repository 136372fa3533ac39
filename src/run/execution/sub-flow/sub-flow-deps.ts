import type { LimitFunction } from 'p-limit'
import type { StoragePolicy } from '../../artifacts/artifact-manager.js'
import type { ExecutorDeps } from '../executor-deps.js'
import type { ModuleLife } from '../node/module-life.js'
import type { WorkerThreads } from '../node/worker-threads.js'
import type { PublishedMask } from '../published/mask-published.js'
import type { WarnOfOverwrite } from '../sinks/overwrite-warner.js'

/** What the attempts of all sub flows of a run share. */
export interface SubFlowDeps extends ExecutorDeps {
  /** Bounds the nodes that run at once, over all sub flows. */
  readonly limit: LimitFunction
  readonly life: ModuleLife
  readonly workers: WorkerThreads
  readonly policy: StoragePolicy
  readonly warnOfOverwrite: WarnOfOverwrite
  readonly published: PublishedMask
}
