import path from 'node:path'
import type { Engine } from '../engine/engine.js'
import type { DatabaseConnections } from './database-connections/database-connections.js'
import { createExecutor } from './execution/executor.js'
import type { ExecutorDeps } from './execution/executor-deps.js'
import type { GivenOptions } from './execution/node/hint-at-rows.js'
import { flowFile } from './job/flow-file.js'
import { createNodeLogger } from './observe/node-logger.js'
import { diskOf, type OpenedRun, spillFolder } from './opened-run.js'
import type { RunState } from './run-state.js'
import { resolveConfig } from './templating/resolve-config.js'

/** What a run is doing right now. */
export type Activity = Pick<ExecutorDeps, 'running' | 'statements'>

/** The part of a run that moves its rows. `activity` is kept up to date. */
export function createRunExecutor(run: OpenedRun, engine: Engine, state: RunState, connections: DatabaseConnections, activity: Activity) {
  const { job, emit, resume, secrets } = run
  const flow = flowFile(run)
  return createExecutor({
    dag: job.dag,
    metadata: job.metadata,
    flow,
    engine,
    definitions: run.definitions,
    resolveConfig: (node, definition, frame) => resolveConfig(definition, node, state.lookup(node.sub_flow, frame), flow, connections),
    lookup: (node, frame) => state.lookup(node.sub_flow, frame),
    sealedOf: (connection) => connections.sealedOf(connection),
    lookupGlobal: (name, frame) => state.global(name, frame),
    boundaryArtifact: (node, port, frame) => state.boundaryArtifact(node, port, frame),
    emit,
    createLogger: (node, frame) => createNodeLogger(emit, node, frame),
    runId: run.runId,
    runFolder: run.runFolder,
    disk: diskOf(run),
    spillDir: spillFolder(run),
    cwd: run.cwd,
    env: secrets.env,
    time: run.time,
    given: givenOptions(run),
    resumed: resume !== undefined,
    process: resume?.record.process ?? 1,
    childrenOf: (node, frame) => resume?.recorded.children(node, frame) ?? [],
    runChild: run.startChild,
    ...activity,
    masker: secrets.masker,
    onStall: run.options.onStall,
    threads: run.threads,
  })
}

function givenOptions({ options, context, time, cwd }: OpenedRun): GivenOptions {
  const isElsewhere = options.insistsOnCwd === true || cwd !== path.resolve(options.cwd)
  return {
    context: options.context ?? (context.name === 'default' ? undefined : context.name),
    set: context.set,
    time,
    cwd: isElsewhere ? cwd : undefined,
  }
}
