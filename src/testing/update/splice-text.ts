import { isDeepStrictEqual } from 'node:util'
import { type Document, isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Pair } from 'yaml'

/** A part of a text and what stands there instead. */
interface Splice {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** A YAML text with its document. */
export interface ParsedText {
  readonly text: string
  readonly document: Document
}

/**
 * A text with the values of another one that differ, in their places: what is the same stays to the byte, with its comments, blank lines
 * and quotes.
 */
export function spliceText(before: ParsedText, after: ParsedText): string {
  const splices = compare(before.document.contents, after.document.contents, before, after)
  return splices
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: instead }) => text.slice(0, from) + instead + text.slice(to), before.text)
}

function compare(old: unknown, now: unknown, before: ParsedText, after: ParsedText): readonly Splice[] {
  if (isMap(old) && isMap(now) && hasSameKeys(old.items, now.items))
    return old.items.flatMap((pair, i) => compare(pair.value, now.items[i]?.value, before, after))
  if (isSeq(old) && isSeq(now) && hasSameComments(old.items, now.items))
    return old.items.flatMap((item, i) => compare(item, now.items[i], before, after))
  if (isAlias(old) && isAlias(now) && old.source === now.source) return []
  if (isScalar(old) && isScalar(now) && old.value === now.value && (typeof old.value === 'string' || old.source === now.source)) return []
  return [replace(old, now, before.text, after.text)]
}

function hasSameKeys(old: readonly Pair[], now: readonly Pair[]): boolean {
  return old.length === now.length && old.every(({ key }, i) => String(key) === String(now[i]?.key))
}

/** Where items have moved to other places, their comments have too. */
function hasSameComments(old: readonly unknown[], now: readonly unknown[]): boolean {
  const commentsOf = (node: unknown) => (isNode(node) ? [node.comment ?? null, node.commentBefore ?? null] : [])
  return old.length === now.length && isDeepStrictEqual(old.map(commentsOf), now.map(commentsOf))
}

type Range = readonly [from: number, to: number]

/** Without the blanks and line ends that the parser counts in behind a value; of one that is left out, the end of what stands before it. */
function rangeOf(node: unknown, text: string): Range {
  const [from, valueEnd, nodeEnd] = (isNode(node) ? node.range : undefined) ?? [0, 0, 0]
  if (isBlockText(node)) return [from, valueEnd]
  // A comment behind the last row of a list below its key is part of the list.
  const to = isCollection(node) && node.flow !== true ? nodeEnd : valueEnd
  if (from < to) return [from, from + text.slice(from, to).trimEnd().length]
  const end = text.slice(0, from).trimEnd().length
  return [end, end]
}

/** Whether a text stands below its key, behind a `|` or `>`. */
function isBlockText(node: unknown): boolean {
  return isScalar(node) && node.type?.startsWith('BLOCK') === true
}

function replace(old: unknown, now: unknown, before: string, after: string): Splice {
  const [[from, to], [start, end]] = [rangeOf(old, before), rangeOf(now, after)]
  const lineOf = (text: string, place: number) => (isBlockText(old) && isBlockText(now) ? text.indexOf('\n', place) + 1 : place)
  const shift = indentAt(before, lineOf(before, from)) - indentAt(after, lineOf(after, start))
  const [first = '', ...rest] = after.slice(start, end).split('\n')
  const moved = rest.map((line) => (line === '' ? '' : shift < 0 ? line.slice(-shift) : ' '.repeat(shift) + line))
  const text = [first, ...moved].join('\n')
  return { from, to, text: from === to ? ` ${text}` : text }
}

/** Blanks at the beginning of the line that a place is in. */
function indentAt(text: string, place: number): number {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1)
  return line.length - line.replace(/^ +/, '').length
}
