import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { TextSpan } from '../../core/source-text.js'
import type { Findings } from '../findings.js'

/** Values that aliases may repeat in one file: more is a trap, not a flow. */
const MAX_REPEATED = 100_000

/** Lists and maps in each other: what comes after may go down as deep without a thought for the stack. */
const MAX_DEPTH = 100

/** The message and the hint for a file that is nested deeper. */
export const TOO_DEEP = [
  `Lists and maps are nested too deeply; at most ${MAX_DEPTH} levels can be read.`,
  'write the value flatter',
] as const

/** Turns a YAML document into values with places: aliases and merge keys resolved, numbers exact, source texts kept. */
export function readFlowValue(document: Document.Parsed, text: string, findings: Findings): FlowValue | undefined {
  const reader = new ValueReader(document, text, findings)
  return document.contents === null ? undefined : reader.read(document.contents)
}

/** The value as plain JSON, as YAML reads it. */
export function toJson(value: FlowValue): Json {
  if (value.kind === 'scalar') return value.value
  if (value.kind === 'list') return value.items.map(toJson)
  return toJsonObject(value.entries)
}

/** Entries as a JSON object, in their order. */
export function toJsonObject(entries: readonly FlowEntry[]): JsonObject {
  return Object.fromEntries(entries.map((entry) => [entry.key, toJson(entry.value)]))
}

class ValueReader {
  readonly #document: Document.Parsed
  readonly #text: string
  readonly #findings: Findings
  readonly #open = new Set<Node>()
  #repeated = 0
  #inAlias = 0
  #depth = 0

  constructor(document: Document.Parsed, text: string, findings: Findings) {
    this.#document = document
    this.#text = text
    this.#findings = findings
  }

  read(node: unknown, fallback: TextSpan = { offset: 0, length: 1 }): FlowValue {
    const at = spanOf(node, fallback)
    if (isAlias(node)) return this.#readAlias(node.resolve(this.#document), at)
    if (this.#inAlias > 0) this.#repeated++
    if (isScalar(node)) return readScalar(node, at)
    if (isSeq(node)) return this.#deeper(at, () => ({ kind: 'list', items: node.items.map((item) => this.read(item, at)), at }))
    if (isMap(node)) return this.#deeper(at, () => this.#readMap(node, at))
    return { kind: 'scalar', value: null, at: fallback }
  }

  #deeper(at: TextSpan, read: () => FlowValue): FlowValue {
    if (this.#depth === MAX_DEPTH) {
      this.#findings.error('YAML_SYNTAX', at, ...TOO_DEEP)
      return { kind: 'scalar', value: null, at }
    }
    this.#depth++
    const value = read()
    this.#depth--
    return value
  }

  #readAlias(target: Node | undefined, at: TextSpan): FlowValue {
    const empty: FlowValue = { kind: 'scalar', value: null, at }
    if (target === undefined) {
      this.#findings.error(
        'YAML_SYNTAX',
        at,
        'This alias has no anchor before it.',
        'name a value with &name before *name repeats it; a text that begins with * stands in quotes',
      )
      return empty
    }
    if (this.#open.has(target) || this.#repeated > MAX_REPEATED) {
      if (!this.#findings.has('YAML_SYNTAX'))
        this.#findings.error('YAML_SYNTAX', at, 'This alias repeats itself, or too many values.', 'write the value out')
      return empty
    }
    this.#open.add(target)
    this.#inAlias++
    const value = this.read(target, at)
    this.#inAlias--
    this.#open.delete(target)
    return value
  }

  #readMap(node: YAMLMap, at: TextSpan): FlowValue {
    const first = node.items[0]
    if (node.flow === true && first !== undefined && isMap(first.key) && first.key.flow === true) {
      this.#findings.error(
        'TEMPLATE_UNQUOTED',
        at,
        'This value starts with {{ and has no quotes, so YAML reads it as a map.',
        'put it in quotes: "{{…}}"',
      )
      // Read on with what was meant.
      return { kind: 'scalar', value: this.#text.slice(at.offset, at.offset + at.length), at }
    }
    const entries: FlowEntry[] = []
    const merged: FlowEntry[] = []
    for (const pair of node.items) {
      const entry = this.#readPair(pair, at)
      if (entry.key === '<<' && entry.value.kind !== 'scalar') merged.push(...mergedEntries(entry.value))
      else entries.push(entry)
    }
    const own = new Set(entries.map((entry) => entry.key))
    for (const entry of merged) {
      if (own.has(entry.key)) continue
      own.add(entry.key)
      entries.push(entry)
    }
    return { kind: 'map', entries, at }
  }

  #readPair(pair: Pair, at: TextSpan): FlowEntry {
    const keyAt = spanOf(pair.key, at)
    const key = isScalar(pair.key)
      ? typeof pair.key.value === 'string'
        ? pair.key.value
        : (pair.key.source ?? String(pair.key.value))
      : String(pair.key)
    return { key, keyAt, value: this.read(pair.value, keyAt) }
  }
}

function mergedEntries(value: FlowValue): readonly FlowEntry[] {
  if (value.kind === 'map') return value.entries
  return value.kind === 'list' ? value.items.flatMap(mergedEntries) : []
}

function readScalar(node: Scalar, at: TextSpan): FlowValue {
  const { value } = node
  if (typeof value === 'string') return { kind: 'scalar', value, at }
  const plain = node.source ?? ''
  if (typeof value === 'bigint') {
    const number = Number(value)
    return { kind: 'scalar', value: number, plain, at, ...(Number.isSafeInteger(number) ? {} : { inexact: true }) }
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? { kind: 'scalar', value, plain, at } : { kind: 'scalar', value: 0, plain, at, inexact: true }
  }
  return { kind: 'scalar', value: typeof value === 'boolean' ? value : null, plain, at }
}

function spanOf(node: unknown, fallback: TextSpan): TextSpan {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  if (!Array.isArray(range)) return fallback
  const [start, end]: unknown[] = range
  if (typeof start !== 'number' || typeof end !== 'number') return fallback
  return { offset: start, length: Math.max(1, end - start) }
}
