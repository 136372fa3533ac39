import type { Settings } from './dag.js'
import type { Place } from './errors.js'
import type { ControlSpec, DataSpec, TextSpan } from './valve.js'

/** A text file that places refer to. */
export interface SourceText {
  /** Path as the user gave it. */
  readonly file: string
  readonly text: string
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[]
}

/** A value of a flow file with the place of each of its parts. */
export type FlowValue =
  | {
      readonly kind: 'scalar'
      readonly value: null | boolean | number | string
      /** The text of a scalar without quotes that YAML does not read as a text: `012`, `1.10`, `NULL`. */
      readonly plain?: string
      /** An integer that `value` does not hold exactly, or a number that JSON has no form for. */
      readonly inexact?: true
      readonly at: TextSpan
    }
  | { readonly kind: 'list'; readonly items: readonly FlowValue[]; readonly at: TextSpan }
  | { readonly kind: 'map'; readonly entries: readonly FlowEntry[]; readonly at: TextSpan }

export interface FlowEntry {
  readonly key: string
  readonly keyAt: TextSpan
  readonly value: FlowValue
}

/** One use of a module. */
export interface FlowModule {
  readonly id: string
  readonly idAt: TextSpan
  /** Name of the module in the catalogue; undefined where the file lacks it. */
  readonly name: string | undefined
  readonly nameAt: TextSpan
  /** Flat, whichever form the file has. */
  readonly configs: readonly FlowEntry[]
  readonly misc: FlowValue | undefined
}

export interface FlowData extends DataSpec {
  /** The whole connection, and its parts. */
  readonly at: TextSpan
  readonly spans: { readonly from: TextSpan; readonly fromPort: TextSpan; readonly to: TextSpan; readonly toPort: TextSpan }
}

export interface FlowControl extends ControlSpec {
  readonly at: TextSpan
  readonly spans: { readonly from: TextSpan; readonly to: TextSpan; readonly order: TextSpan; readonly body: TextSpan }
}

/** A flow file, read: what it says and where. */
export interface Flow {
  readonly source: SourceText
  readonly name: string
  readonly desc: string | undefined
  readonly version: string
  readonly authors: readonly string[]
  readonly created: string
  readonly settings: Settings
  readonly modules: readonly FlowModule[]
  readonly data: readonly FlowData[]
  readonly control: readonly FlowControl[]
}

/** Makes a text ready for places. */
export function openSource(file: string, text: string): SourceText {
  const lineStarts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1)
  return { file, text, lineStarts }
}

/** Line and column of a span; its length ends with its first line. */
export function placeOf(source: SourceText, span: TextSpan): Place {
  const { lineStarts, text } = source
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] ?? 0) <= span.offset) low = middle
    else high = middle - 1
  }
  const start = lineStarts[low] ?? 0
  const lineEnd = (lineStarts[low + 1] ?? text.length + 1) - 1
  return {
    file: source.file,
    line: low + 1,
    column: span.offset - start + 1,
    length: Math.max(1, Math.min(span.length, lineEnd - span.offset)),
  }
}
