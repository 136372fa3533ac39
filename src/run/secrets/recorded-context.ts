import { isDeepStrictEqual } from 'node:util'
import { withholdPassword, withoutPassword } from '../../core/database-connection/password.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { ResolvedContext } from '../job/read-context.js'
import { type RenderedContext, renderContext } from '../job/render-context.js'
import { escapeBraces, mapTexts } from '../templating/map-texts.js'
import type { Masker } from './masker.js'

/** A context as the journal holds it: without secrets and without passwords. */
export interface RecordedContext {
  readonly context: JsonObject
  /** Values that hold a secret, or a password from the environment: as they were written, with their templates. */
  readonly sealed_context?: JsonObject
  /** Names of values that hold a password as it is. A resume takes them from its own context. */
  readonly withheld_context?: readonly string[]
  /** Connections among the values that are withheld, as they were written but for their passwords: a resume tells another connection by them. */
  readonly withheld_connections?: JsonObject
  /** Without the values that are withheld. */
  readonly set: JsonObject
}

/** What of a context goes into the journal. The masker has to know all passwords by now. */
export function recordContext({ values, written, set }: ResolvedContext, masker: Masker): RecordedContext {
  const isSealed = (name: string) => !Object.hasOwn(values, name) || showsPassword(mapTexts(values[name] ?? null, escapeBraces), masker)
  const sealed = Object.entries(written).filter(([name, value]) => isSealed(name) && !showsPassword(value, masker))
  const names = new Set(sealed.map(([name]) => name))
  const withheld = [...new Set([...Object.keys(values), ...Object.keys(written)])].filter((name) => isSealed(name) && !names.has(name))
  const connections = withheld.flatMap((name) => {
    const connection = connectionOf(name, { values, written })
    return connection === undefined || masker.finds(JSON.stringify(connection)) ? [] : [[name, connection] as const]
  })
  return {
    context: Object.fromEntries(Object.entries(values).filter(([name]) => !isSealed(name))),
    ...(connections.length === 0 ? {} : { withheld_connections: Object.fromEntries(connections) }),
    ...(sealed.length === 0 ? {} : { sealed_context: Object.fromEntries(sealed) }),
    ...(withheld.length === 0 ? {} : { withheld_context: withheld }),
    set: Object.fromEntries(Object.entries(set).filter(([name]) => !withheld.includes(name))),
  }
}

/** Whether a value is another one than the run has, but for its password, as far as the record tells. */
export function isAnother(name: string, { withheld_connections, sealed_context }: Partial<RecordedContext>, now: RenderedContext): boolean {
  const sealed = sealed_context?.[name]
  const then = withheld_connections?.[name] ?? (sealed === undefined ? undefined : withoutPassword(sealed))
  const written = asWritten(name, now)
  return then !== undefined && written !== undefined && !isDeepStrictEqual(then, withoutPassword(written))
}

/** A connection without the password that stands in it; undefined: it is none, or one that cannot be taken apart for sure. */
function connectionOf(name: string, context: RenderedContext): Json | undefined {
  const { written: connection, withheld } = withholdPassword(asWritten(name, context) ?? null)
  // A password with an @ that is not encoded: some of it would be left over.
  return withheld && !(typeof connection === 'string' && /@.*@/.test(connection)) ? connection : undefined
}

/** With its templates: what stands for them may be a part of the password. */
function asWritten(name: string, { values, written }: RenderedContext): Json | undefined {
  const value = values[name]
  return written[name] ?? (value === undefined ? undefined : mapTexts(value, escapeBraces))
}

/** Also one that is too short to be masked, where it stands in a connection. */
function showsPassword(written: Json, masker: Masker): boolean {
  return masker.finds(JSON.stringify(written)) || withholdPassword(written).withheld
}

/** The context of a run that is gone on with: recorded values as they were, passwords and secrets as they are now. Throws CONTEXT_MISSING. */
export function restoreContext(
  recorded: Omit<RecordedContext, 'set'>,
  current: RenderedContext,
  env: { readonly [name: string]: string | undefined },
): RenderedContext {
  const texts = Object.entries(recorded.sealed_context ?? {}).map(([name, value]) => ({
    name,
    value,
    where: `The context value "${name}"`,
  }))
  const sealed = renderContext(texts, env)
  const pick = (values: JsonObject) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => recorded.withheld_context?.includes(name) === true))
  return {
    values: { ...recorded.context, ...sealed.values, ...pick(current.values) },
    written: { ...sealed.written, ...pick(current.written) },
  }
}
