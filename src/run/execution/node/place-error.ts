import path from 'node:path'
import type { DagNode, DagPlace } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { type FramePath, nameInFrame, nameWithoutFrame } from '../../../core/frame.js'
import { isObject, type Json } from '../../../core/json.js'
import { messageWithCauses } from '../../../core/message-with-causes.js'
import { maskCoded } from '../../secrets/mask-error.js'
import type { ExecutorDeps } from '../executor-deps.js'
import { hintAtList } from './hint-at-list.js'
import { hintAtRows } from './hint-at-rows.js'

/** The error with the user's targets in the place of the hidden paths beside them, where its message names such. */
export function nameTargets(error: unknown, targets: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof Error)) return error
  let message = error.message
  for (const [staged, target] of targets) {
    // The engine writes to a file of that name with tmp_ before it.
    const [hidden, own] = [path.basename(staged), path.basename(target)]
    message = message.replaceAll(`tmp_${hidden}`, own).replaceAll(hidden, own)
  }
  if (message === error.message) return error
  if (error instanceof PypeError) return new PypeError(error.code, message, error)
  return Object.assign(new Error(message, { cause: error.cause }), { stack: error.stack })
}

/** The error with the node that it belongs to and the place of this node in the YAML file. */
export function placeError(
  error: unknown,
  node: DagNode,
  { dag, definitions, flow, given, resumed }: Pick<ExecutorDeps, 'dag' | 'definitions' | 'flow' | 'given' | 'resumed'>,
  frame: FramePath,
): PypeError {
  const known = error instanceof PypeError ? error : moduleError(error, node)
  const culprit = dag.nodes.find(({ id }) => id === nameWithoutFrame(known.node ?? '')) ?? node
  const place = configPlace(known, culprit, definitions) ?? culprit.place
  const at = known.at ?? { ...flow, line: place.line, column: place.column }
  const hint = hintAtRows(known, { node: culprit, frame, dag, flowFile: flow.file }, given)
  return new PypeError(known.code, known.message, {
    hint: hintAtList({ code: known.code, hint }, frame, resumed),
    // The code of a module may have thrown it: its stack is the one that tells where.
    cause: error instanceof PypeError ? error : known.cause,
    at,
    node: nameInFrame(culprit.id, frame),
  })
}

/** Places the error, and tells the listeners that its node failed, unless it was only cancelled. */
export function failNode(error: unknown, node: DagNode, deps: ExecutorDeps, frame: FramePath): PypeError {
  const placed = maskCoded(placeError(error, node, deps, frame), deps.masker)
  if (placed.code !== 'CANCELLED') {
    const failed = placed.node === undefined ? node.id : nameWithoutFrame(placed.node)
    deps.emit({ type: 'node.failed', node: failed, frame, error: { code: placed.code, message: placed.message } })
  }
  return placed
}

function moduleError(error: unknown, node: DagNode): PypeError {
  const place = stackPlace(error, node.module)
  return new PypeError('MODULE_FAILED', `The module ${node.module} failed${place}: ${messageWithCauses(error)}`, {
    cause: error,
    hint: 'the cause is in the code of the module; PYPE_DEBUG=1 shows the stack',
  })
}

/** ` at FILE:LINE`: the innermost place in the file of the module that the stack of an error names, or nothing. */
function stackPlace(error: unknown, module: string): string {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  for (const frame of frames) {
    const [, file = '', line = ''] = /[( ](?:file:\/\/)?([^()]+):(\d+):\d+\)?$/.exec(frame) ?? []
    if (path.parse(file).name === module) return ` at ${path.basename(file)}:${line}`
  }
  return ''
}

/** An SQL error is placed at the config that names the column that there is not, else at the SQL text where a node has only one. */
function configPlace({ code, message }: PypeError, node: DagNode, definitions: ExecutorDeps['definitions']): DagPlace | undefined {
  if (code !== 'SQL_INVALID' && code !== 'SQL_FAILED') return undefined
  const missing = /^There is no column "(.*?)"/.exec(message)?.[1]
  const naming = Object.keys(node.configs).find((name) => missing !== undefined && hasName(node.configs[name] ?? null, missing))
  if (naming !== undefined) return node.config_places[naming]
  const config = definitions.get(node.id)?.config
  const texts = Object.entries({ ...config?.required, ...config?.optional }).filter(
    ([name, spec]) => name in node.configs && (spec.type === 'sql' || spec.of === 'sql'),
  )
  const only = texts.length === 1 ? texts[0]?.[0] : undefined
  return only === undefined ? undefined : node.config_places[only]
}

/** Whether a config is the name of a column, or a list or a map with it: `city`, `[city desc]`, `{ city: town }`. */
function hasName(config: Json, name: string): boolean {
  if (typeof config === 'string') return config === name || config.startsWith(`${name} `)
  return isObject(config) || Array.isArray(config)
    ? Object.entries(config).some(([key, value]) => (isObject(config) && key === name) || hasName(value, name))
    : false
}
