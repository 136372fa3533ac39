import type { DagNode } from '../../core/dag.js'
import { ConnectionFault } from '../../core/database-connection/fault.js'
import { type Place, type PlacedFile, PypeError } from '../../core/errors.js'
import { isJsonList, type Json } from '../../core/json.js'
import { parseTemplate } from '../../core/template.js'
import { checkConfigValue, typesOf } from '../../registry/config-check.js'
import { convertConfig, convertDefault } from '../../registry/config-value.js'
import type { ConfigSpec, ConfigType, ModuleDefinition } from '../../sdk/define-module.js'
import type { DatabaseConnections } from '../database-connections/database-connections.js'
import type { Lookup } from './lookup.js'
import { renderSecretText, renderSql, renderText, renderValue } from './render.js'
import { renderCommand } from './render-command.js'

/** A value as its check sees it and as the module gets it. */
interface Rendered {
  readonly plain: unknown
  readonly final: unknown
}

/**
 * The configs of a node as the body of its module sees them: templates rendered, defaults filled in, types checked.
 * `flow` is the file that places refer to. Throws coded errors with the place of the config.
 */
export function resolveConfig(
  definition: Pick<ModuleDefinition, 'config'>,
  node: DagNode,
  lookup: Lookup,
  flow: PlacedFile,
  connections: DatabaseConnections,
): Record<string, unknown> {
  const { required, optional } = definition.config
  const resolved: Record<string, unknown> = {}
  for (const [name, spec] of [...Object.entries(required), ...Object.entries(optional)]) {
    const written = Object.hasOwn(node.configs, name) ? node.configs[name] : undefined
    const at: Place = { ...flow, ...(node.config_places[name] ?? node.place) }
    if (written === undefined && Object.hasOwn(required, name)) {
      throw new PypeError('CONFIG_MISSING', `The config ${name} of ${node.id} has no value.`, {
        at,
        node: node.id,
        hint: `add ${name}, e.g. ${JSON.stringify(spec.example)}`,
      })
    }
    try {
      resolved[name] = written === undefined ? convertDefault(spec) : resolveOne(spec, written, lookup, connections)
    } catch (error) {
      if (!(error instanceof PypeError)) throw error
      const fault =
        error instanceof ConnectionFault
          ? `expected a connection to a database, got ${error.found}`
          : error.code === 'CONFIG_TYPE' && error.message
      const message = fault ? `The config ${name} of ${node.id}: ${fault}.` : error.message
      throw new PypeError(error.code, message, {
        at,
        node: node.id,
        hint: error.hint ?? `e.g. ${JSON.stringify(spec.example)}`,
        cause: error.cause,
      })
    }
  }
  return resolved
}

function resolveOne(spec: ConfigSpec, written: Json, lookup: Lookup, connections: DatabaseConnections): unknown {
  if (written === null && spec.default === null) return null
  if (spec.type === 'connection') return connections.resolve(written, lookup)
  let first: unknown
  for (const type of typesOf(spec)) {
    const rendered = renderAs(type, spec.of, written, lookup)
    if (checkConfigValue({ ...spec, type }, rendered.plain) === undefined) return rendered.final
    first ??= rendered.plain
  }
  throw new PypeError('CONFIG_TYPE', checkConfigValue(spec, first) ?? 'the value does not fit')
}

function renderAs(type: ConfigType, of: ConfigType | undefined, written: Json, lookup: Lookup): Rendered {
  if (type === 'sql' && typeof written === 'string') return { plain: written, final: renderSql(written, lookup) }
  if (type === 'command' && typeof written === 'string' && !isListAlone(written, lookup)) {
    return { plain: written, final: renderCommand(written, lookup) }
  }
  if ((type === 'list' || type === 'dict') && of === 'sql' && typeof written === 'object' && written !== null) {
    return { plain: written, final: renderSqlElements(written, lookup) }
  }
  const plain = coerce(type, of, written, lookup)
  return { plain, final: convertConfig(type, of, plain) }
}

function renderSqlElements(written: readonly Json[] | { readonly [key: string]: Json }, lookup: Lookup): unknown {
  const render = (element: Json): unknown => (typeof element === 'string' ? renderSql(element, lookup) : element)
  if (isJsonList(written)) return written.map(render)
  return Object.fromEntries(Object.entries(written).map(([key, element]) => [key, render(element)]))
}

/** Renders, and reads numbers and truth values from text that came out of templates: an environment has only text. */
function coerce(type: ConfigType, of: ConfigType | undefined, written: Json, lookup: Lookup): unknown {
  if (of !== undefined && typeof written === 'object' && written !== null) return coerceElements(of, written, lookup)
  if (typeof written !== 'string' || !written.includes('{{')) return renderValue(written, lookup)
  if (type === 'secret') return renderSecretText(written, lookup)
  if (type === 'path' || type === 'enum' || type === 'column') return renderText(written, lookup)
  const value = renderValue(written, lookup)
  if (type === 'str') return typeof value === 'object' ? value : renderText(written, lookup)
  if (typeof value !== 'string') return value
  if (type === 'int' && /^[+-]?\d+$/.test(value)) return Number(value)
  if (type === 'float' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (type === 'bool' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return value
}

function coerceElements(of: ConfigType, written: readonly Json[] | { readonly [key: string]: Json }, lookup: Lookup): unknown {
  if (isJsonList(written)) return written.map((element) => coerce(of, undefined, element, lookup))
  return Object.fromEntries(Object.entries(written).map(([key, element]) => [key, coerce(of, undefined, element, lookup)]))
}

/** Whether a text is one template alone, and its value is a list: a command as a list of words. */
function isListAlone(written: string, lookup: Lookup): boolean {
  const [first, ...more] = parseTemplate(written)
  return first?.kind === 'ref' && more.length === 0 && Array.isArray(renderValue(written, lookup))
}
