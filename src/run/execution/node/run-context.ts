import { resolve } from 'node:path'
import type { DagNode } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { formatFrame, nameInFrame } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import type { DataArtifact } from '../../../sdk/artifact.js'
import type { ModuleArtifacts, ModuleEngine, PortOutput, RunContext } from '../../../sdk/context.js'
import type { ModuleDefinition } from '../../../sdk/define-module.js'
import { ExactValue } from '../../../sdk/job-run.js'
import { isRelation, type Relation } from '../../../sdk/relation.js'
import { readItems } from '../published/published-items.js'
import { fromTypedValue, toTypedValue } from '../published/typed-value.js'
import { databaseConnectionsIn } from '../sinks/database-connections-in.js'
import { describeConfigs } from '../sinks/describe-configs.js'
import type { CursorPlace } from '../staging.js'
import type { Attempt } from '../sub-flow/attempt.js'
import { createJobRunner } from './job-runner.js'
import { refuseNoRows } from './refuse-no-rows.js'

/** A node whose code is about to run. */
export interface CodeNode {
  readonly node: DagNode
  readonly definition: ModuleDefinition
  readonly config: Record<string, unknown>
  /** Gets the list that it publishes. */
  readonly items: Record<string, readonly Json[]>
  /** Where its cursor is kept. */
  readonly cursorPlace: () => CursorPlace
}

/** What the code of a node gets. */
export function createContext(attempt: Attempt, code: CodeNode): RunContext {
  const { deps, task, ports, statement } = attempt
  const { node, definition, config, items: lists } = code
  const { frame } = task
  const { signal } = statement
  return {
    nodeId: nameInFrame(node.id, frame),
    runId: deps.runId,
    frame: formatFrame(frame),
    attempt: task.attempt,
    date: deps.time.slice(0, 10),
    time: deps.time,
    resumed: deps.resumed,
    iterItem: task.iterItem,
    iterIndex: task.iterIndex,
    config,
    cwd: deps.cwd,
    env: deps.env,
    outputs: ports.connectedOutputs(node),
    logger: deps.createLogger(node.id, frame),
    signal,
    engine: moduleEngine(attempt),
    artifacts: moduleArtifacts(attempt, node),
    threads: { run: (url, input) => deps.workers.run(url, input, signal) },
    ...globalsOf(attempt, code),
    setItems: (items) => {
      if (definition.items !== true) throw new PypeError('MODULE_FAILED', `The module ${node.module} is not defined with items: true.`)
      lists[node.id] = deps.published.items(node.id, readItems(items))
    },
    ...stagingOf(attempt, code),
    runJob: createJobRunner(deps, task, node, signal),
    mask: (text) => deps.masker.mask(text),
  }
}

/** The globals that a node sets, and those that it sees. */
function globalsOf({ deps, task, globals }: Attempt, { node, definition, config }: CodeNode) {
  return {
    setGlobal: (name, value) => {
      const known = [...Object.keys(definition.globals), ...(definition.dynamicGlobals?.(config) ?? [])]
      if (!known.includes(name) && !known.includes('*'))
        throw new PypeError('MODULE_FAILED', `The module ${node.module} declares no global ${name}.`, {
          hint: `declared are: ${known.join(', ') || 'none'}`,
        })
      const typed = value instanceof ExactValue ? { type: value.type, text: value.text } : toTypedValue(value)
      globals[`${node.id}__${name}`.toLowerCase()] = deps.published.global(node.id, name, typed)
    },
    getGlobal: (name) => {
      const value = deps.lookupGlobal(name, task.frame)
      return value === undefined ? undefined : fromTypedValue(value)
    },
  } satisfies Partial<RunContext>
}

/** What takes part in the commit of the sub flow. */
function stagingOf({ deps, task, statement, targets }: Attempt, { node, config, cursorPlace }: CodeNode) {
  const { staging } = task
  const { signal } = statement
  return {
    stageFile: async (target, mode, lead) => {
      const staged = await staging.stageFile(node.id, resolve(deps.cwd, target), mode, lead)
      targets.set(staged, resolve(deps.cwd, target))
      return staged
    },
    stageCopy: (source, target, mode) => staging.stageCopy(node.id, resolve(deps.cwd, source), resolve(deps.cwd, target), mode, signal),
    stageMove: (source, target, mode) => staging.stageMove(node.id, resolve(deps.cwd, source), resolve(deps.cwd, target), mode, signal),
    stageDelete: (path, options) => staging.stageDelete(node.id, resolve(deps.cwd, path), options?.recursive === true),
    transaction: (connection) => staging.transaction(node.id, connection, signal),
    snapshot: (connection) => staging.snapshot(node.id, connection, signal),
    session: (connection) => staging.session(node.id, connection, signal),
    cursor: staging.cursor(
      node.id,
      { findPlace: cursorPlace, describe: (names) => describeConfigs(node, names, databaseConnectionsIn(config)) },
      signal,
    ),
    actOutside: () => staging.actOutside(node.id),
    onCommit: (action) => staging.onCommit(action),
    onRollback: (action) => staging.onRollback(action),
    commitToken: staging.tokenOf(node.id),
  } satisfies Partial<RunContext>
}

function moduleEngine({ deps, artifacts, statement: options }: Attempt): ModuleEngine {
  const { engine } = deps
  return {
    dialect: engine.dialect,
    columns: (source) => engine.columns(toRelation(source), options),
    isReadOnce: (source) => !artifacts.isShared(toRelation(source)),
    copy: async (source, path, format) => {
      await artifacts.prepare(toRelation(source))
      return engine.copy(toRelation(source), path, format, options)
    },
    send: async (source, format, consume) => {
      await artifacts.prepare(toRelation(source))
      return engine.send(toRelation(source), format, consume, options)
    },
    continueFile: (source, target, format) => engine.continueFile(toRelation(source), target, format, options),
    head: async (source, limit) => {
      await artifacts.prepare(toRelation(source))
      return engine.head(toRelation(source), limit, options)
    },
  }
}

function moduleArtifacts({ deps, task, artifacts, statement: options }: Attempt, node: DagNode): ModuleArtifacts {
  const { engine, policy } = deps
  const { names } = options
  return {
    register: async (port, output) => {
      refuseNoRows(output, node.module, port)
      const name = nameInFrame(`${node.id}.${port}`, task.frame)
      if (isArtifact(output)) return output
      const relation = isRelation(output)
        ? output
        : await engine.ingest(
            columnsOf(output),
            rowsOf(output),
            { kind: 'memory', path: `${policy.spillDir}/${name}-${task.attempt}.parquet`, maxRows: policy.maxRows },
            options,
          )
      if (!names.has(relation)) names.set(relation, name)
      await artifacts.own(relation)
      return artifacts.artifact(name, relation, await engine.columns(relation, options))
    },
    adopt: (artifact) => artifact,
  }
}

function isArtifact(output: PortOutput): output is DataArtifact {
  return 'kind' in output && output.kind === 'artifact'
}

type RowOutput = Exclude<PortOutput, Relation | DataArtifact>

function columnsOf(output: RowOutput) {
  return 'rows' in output ? output.columns : null
}

function rowsOf(output: RowOutput) {
  return 'rows' in output ? output.rows : output
}

function toRelation(source: Relation | DataArtifact): Relation {
  return source.kind === 'artifact' ? source.relation : source
}
