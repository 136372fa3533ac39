import type { Json } from '../../core/json.js'
import { SqlLexer } from '../../core/sql-lexer.js'
import { containsTemplate, parseTemplate, type TemplateRef, TemplateSyntaxError } from '../../core/template.js'
import { UNKNOWN_TEXT } from '../../engine/unknown-text.js'
import { matchConfigType, typesOf } from '../../registry/config-check.js'
import { convertConfig, convertDefault } from '../../registry/config-value.js'
import type { Connection } from '../../sdk/database.js'
import type { ConfigSpec, ModuleDefinition } from '../../sdk/define-module.js'
import type { Expression, SqlPart, SqlValue } from '../../sdk/relation.js'
import type { PlanNode } from '../plan/graph.js'

/** Configs by name as the body of a module sees them. */
export type ConfigValues = { readonly [name: string]: unknown }

/** The configs of a node as far as the build knows them. */
export type StaticConfig =
  /** Several sets where a template stands: what holds for each of them is taken to hold for the value of the run. */
  { readonly kind: 'known'; readonly variants: readonly ConfigValues[] } | { readonly kind: 'unknown'; readonly reason: string }

/** In place of a value of unknown type in SQL, one per variant: what binds with one of them and not with another depends on the value. */
const SQL_STAND_INS: readonly SqlValue[] = [null, UNKNOWN_TEXT, 1, 2.5, true]

/**
 * The configs of a node without a run: defaults filled in, and stand-ins where a template in SQL, or in a number of a mod, has its
 * value. A path keeps its templates. Any other template makes the configs unknown; but for code, which is given the `connection` that
 * stands for every one, only what it reads counts: reading such a config throws, with the reason.
 */
export function readStaticConfig(node: PlanNode, definition: ModuleDefinition, connection?: Connection): StaticConfig {
  const isCode = connection !== undefined
  const ofRun: string[] = []
  const { required, optional } = definition.config
  const choices = new Map<string, readonly unknown[]>()
  for (const [name, spec] of Object.entries({ ...required, ...optional })) {
    const written = Object.hasOwn(node.configs, name) ? node.configs[name] : undefined
    const isConnection = isCode && spec.type === 'connection' && written !== undefined
    const values = isConnection ? [connection] : written === undefined ? [convertDefault(spec)] : readValues(spec, written, definition)
    if (values === undefined && isCode) {
      ofRun.push(name)
      continue
    }
    if (values === undefined) return { kind: 'unknown', reason: tellTemplate(name) }
    if (values.length === 0 || (written === undefined && Object.hasOwn(required, name)))
      return { kind: 'unknown', reason: `its config ${name} has no usable value` }
    choices.set(name, values)
  }
  const count = Math.max(1, ...[...choices.values()].map((values) => values.length))
  const variants = Array.from({ length: count }, (_, i) =>
    Object.fromEntries([...choices].map(([name, values]) => [name, values[Math.min(i, values.length - 1)]])),
  )
  for (const values of variants) for (const name of ofRun) Object.defineProperty(values, name, { enumerable: true, get: refuse(name) })
  return { kind: 'known', variants }
}

function tellTemplate(config: string): string {
  return `its config ${config} has a template`
}

function refuse(config: string): () => never {
  return () => {
    throw new Error(tellTemplate(config))
  }
}

/** The values that a config may have; undefined when only a run knows, none when it has a wrong one. */
function readValues(spec: ConfigSpec, written: Json, definition: ModuleDefinition): readonly unknown[] | undefined {
  if (written === null && spec.default === null) return [null]
  if (!containsTemplate(written)) {
    const plain = unescapeBraces(written)
    const type = matchConfigType(spec, plain)
    return type === undefined ? [] : [convertConfig(type, spec.of, plain)]
  }
  const types = typesOf(spec)
  if (types.includes('path') || spec.of === 'path') return [written]
  if (spec.type === 'sql' && typeof written === 'string') return sqlVariants((i) => standIn(written, i))
  if (spec.of === 'sql' && typeof written === 'object' && written !== null) return sqlVariants((i) => mapTexts(written, i))
  if (definition.type === 'mod' && types.every((type) => type === 'int' || type === 'float')) return numbersLike(spec)
  return undefined
}

function unescapeBraces(value: Json): Json {
  if (typeof value === 'string') {
    return value.includes('{{')
      ? parseTemplate(value)
          .map((part) => (part.kind === 'text' ? part.text : part.source))
          .join('')
      : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(unescapeBraces)
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, unescapeBraces(element)]))
}

/** Two numbers that the config may have. */
function numbersLike({ example, max = Infinity }: ConfigSpec): readonly unknown[] | undefined {
  return typeof example === 'number' ? [example, example < max ? example + 1 : example] : undefined
}

function sqlVariants(make: (variant: number) => unknown): readonly unknown[] | undefined {
  const variants = SQL_STAND_INS.map((_, i) => make(i))
  return variants.includes(undefined) ? undefined : variants
}

function mapTexts(written: readonly Json[] | { readonly [key: string]: Json }, variant: number): unknown {
  const entries = Object.entries(written).map(([key, text]) => [key, typeof text === 'string' ? standIn(text, variant) : text] as const)
  if (entries.some(([, value]) => value === undefined)) return undefined
  return isList(written) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
}

/** A condition with stand-ins for its templates; undefined where one is malformed or is a part of a quoted name. */
export function readCondition(text: string): Expression | undefined {
  try {
    return standIn(text, 0)
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return undefined
    throw error
  }
}

/** An SQL text with stand-ins for its templates, written as a run writes their values; undefined where one is a part of a quoted name. */
function standIn(text: string, variant: number): Expression | undefined {
  const lexer = new SqlLexer()
  const parts: SqlPart[] = []
  for (const part of parseTemplate(text)) {
    if (part.kind === 'text') {
      lexer.read(part.text)
      parts.push(part)
    } else if (lexer.place === 'code') {
      parts.push({ kind: 'text', text: ' ' }, ...standInFor(part.ref, variant), { kind: 'text', text: ' ' })
      lexer.skipValue()
    } else if (lexer.place === 'name') return undefined
    else if (lexer.place !== 'comment' && lexer.place !== 'line comment') parts.push({ kind: 'text', text: UNKNOWN_TEXT })
  }
  if (lexer.place === 'line comment') parts.push({ kind: 'text', text: '\n' })
  return { kind: 'expression', parts }
}

function standInFor(ref: TemplateRef, variant: number): SqlPart[] {
  if (ref.scope === 'run' && (ref.name === 'date' || ref.name === 'time')) {
    return [{ kind: 'text', text: `CAST('2000-01-01' AS ${ref.name === 'date' ? 'DATE' : 'TIMESTAMP'})` }]
  }
  if (ref.scope === 'run' || ref.scope === 'flow' || ref.scope === 'env') return [{ kind: 'value', value: UNKNOWN_TEXT }]
  return [{ kind: 'value', value: SQL_STAND_INS[variant] ?? null }]
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value)
}
