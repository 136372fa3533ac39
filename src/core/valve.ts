import type { ValveType } from './dag.js'
import { PypeError } from './errors.js'
import type { Json } from './json.js'

/** The highest order of a control connection. */
export const MAX_ORDER = 999_999_999

/** A piece of a text, in UTF-16 units. */
export interface TextSpan {
  readonly offset: number
  readonly length: number
}

/** A control connection as its author wrote it: `Last` is not resolved yet. */
export interface ControlSpec {
  readonly from: string
  readonly to: string
  readonly order: number | 'Last'
  readonly type: ValveType
  /** An SQL expression, trimmed and not empty, or null. */
  readonly condition: string | null
  /** Frames of an iterate that may run at once; null for the other types. */
  readonly concurrency: number | null
}

/** The long form of a control connection, as it stands in a flow file. */
export interface ControlLongForm {
  readonly from: string
  readonly to: string
  readonly order: number | 'Last'
  readonly type?: ValveType
  readonly concurrency?: number
  readonly if?: string
}

export interface ParsedControl {
  readonly spec: ControlSpec
  /** Where its parts stand in the text. */
  readonly spans: { readonly from: TextSpan; readonly to: TextSpan; readonly order: TextSpan; readonly body: TextSpan }
}

/** A data connection: rows go from one port to another. */
export interface DataSpec {
  readonly from: string
  readonly fromPort: string
  readonly to: string
  readonly toPort: string
}

export interface ParsedData {
  readonly spec: DataSpec
  readonly spans: { readonly from: TextSpan; readonly fromPort: TextSpan; readonly to: TextSpan; readonly toPort: TextSpan }
}

/** A connection that cannot be read; `offset` and `length` say where in its text. */
export class ConnectionSyntaxError extends PypeError {
  readonly offset: number
  readonly length: number

  constructor(message: string, span: TextSpan, hint?: string) {
    super('CONNECTION_SYNTAX', message, { hint })
    this.name = 'ConnectionSyntaxError'
    this.offset = span.offset
    this.length = Math.max(1, span.length)
  }
}

const CONTROL_HINT = 'write it as "from (order|body) to", for example "load (1|) report"'
const DATA_HINT = 'write it as "from.port - to.port", for example "load.data - keep.input"'
const NAME = /^[A-Za-z][A-Za-z0-9_]*$/
const KEYWORDS = ['iterate', 'start', 'error', 'done'] as const

/** Reads `from (order|body) to`. Blanks may stand around every part. Throws {@link ConnectionSyntaxError}. */
export function parseControl(text: string): ParsedControl {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0)
    throw new ConnectionSyntaxError(
      'A control connection needs a valve in parentheses between its two nodes.',
      trimmed(text, 0, text.length),
      CONTROL_HINT,
    )
  if (close < open)
    throw new ConnectionSyntaxError(
      'The valve is not closed: a ) is expected before the target.',
      { offset: open, length: 1 },
      CONTROL_HINT,
    )
  const from = trimmed(text, 0, open)
  const to = trimmed(text, close + 1, text.length)
  checkNode(text, from, 'before the valve')
  checkNode(text, to, 'after the valve')
  const bar = text.indexOf('|', open)
  if (bar < 0 || bar > close) {
    throw new ConnectionSyntaxError(
      'A valve has an order and a body with a | in between.',
      { offset: open, length: close + 1 - open },
      CONTROL_HINT,
    )
  }
  const order = trimmed(text, open + 1, bar)
  const body = trimmed(text, bar + 1, close)
  const spec = {
    from: textOf(text, from),
    to: textOf(text, to),
    order: parseOrder(textOf(text, order), order),
    ...parseBody(textOf(text, body)),
  }
  return { spec, spans: { from, to, order, body } }
}

/** The short form where it can say everything, else the long one. {@link parseControl} and {@link fromLongForm} read them back. */
export function printControl(spec: ControlSpec): string | ControlLongForm {
  const short = printBody(spec)
  if (short !== undefined) return `${spec.from} (${spec.order}|${short}) ${spec.to}`
  return {
    from: spec.from,
    to: spec.to,
    order: spec.order,
    type: spec.type,
    ...(spec.concurrency === null ? {} : { concurrency: spec.concurrency }),
    ...(spec.condition === null ? {} : { if: spec.condition }),
  }
}

/** Reads the long form, whose shape the schema of flows has checked. Throws {@link ConnectionSyntaxError} with an offset of 0. */
export function fromLongForm(form: ControlLongForm): ControlSpec {
  const type = form.type ?? 'normal'
  if (form.concurrency !== undefined && type !== 'iterate') {
    throw new ConnectionSyntaxError(
      `Only a connection of type iterate has a concurrency, this one is ${type}.`,
      { offset: 0, length: 1 },
      'leave `concurrency` out, or write `type: iterate`',
    )
  }
  const condition = form.if?.trim() ?? ''
  return {
    from: form.from,
    to: form.to,
    order: parseOrder(String(form.order), { offset: 0, length: 1 }),
    type,
    condition: condition === '' ? null : condition,
    concurrency: type === 'iterate' ? (form.concurrency ?? 1) : null,
  }
}

/** Whether a value of the right shape for {@link fromLongForm}. */
export function isLongForm(value: Json): value is Json & ControlLongForm {
  if (typeof value !== 'object' || value === null || !('from' in value)) return false
  const { from, to, order, type, concurrency } = value
  return (
    typeof from === 'string' &&
    typeof to === 'string' &&
    (typeof order === 'number' || typeof order === 'string') &&
    (type === undefined || ['normal', ...KEYWORDS].some((known) => known === type)) &&
    (concurrency === undefined || (typeof concurrency === 'number' && Number.isInteger(concurrency) && concurrency >= 1)) &&
    (value.if === undefined || typeof value.if === 'string')
  )
}

/** Reads `from.port - to.port`. Blanks may stand around every part. Throws {@link ConnectionSyntaxError}. */
export function parseData(text: string): ParsedData {
  const dash = text.indexOf('-')
  if (dash < 0) {
    throw new ConnectionSyntaxError(
      'A data connection needs a - between its two ends.',
      trimmed(text, 0, text.length),
      text.includes('(') ? 'a connection with a valve belongs under `control`' : DATA_HINT,
    )
  }
  const [from, fromPort] = parseEnd(text, 0, dash)
  const [to, toPort] = parseEnd(text, dash + 1, text.length)
  const spec = { from: textOf(text, from), fromPort: textOf(text, fromPort), to: textOf(text, to), toPort: textOf(text, toPort) }
  return { spec, spans: { from, fromPort, to, toPort } }
}

/** The text of a data connection; {@link parseData} reads it back. */
export function printData(spec: DataSpec): string {
  return `${spec.from}.${spec.fromPort} - ${spec.to}.${spec.toPort}`
}

function parseEnd(text: string, start: number, end: number): readonly [TextSpan, TextSpan] {
  const dot = text.indexOf('.', start)
  const whole = trimmed(text, start, end)
  if (dot < 0 || dot >= end) {
    throw new ConnectionSyntaxError(`"node.port" is expected, found ${quote(textOf(text, whole))}.`, whole, DATA_HINT)
  }
  const node = trimmed(text, start, dot)
  const port = trimmed(text, dot + 1, end)
  for (const [span, what] of [
    [node, 'the id of a node'],
    [port, 'the name of a port'],
  ] as const) {
    if (!NAME.test(textOf(text, span)))
      throw new ConnectionSyntaxError(`Expected ${what}, found ${quote(textOf(text, span))}.`, span, DATA_HINT)
  }
  return [node, port]
}

function checkNode(text: string, span: TextSpan, where: string): void {
  const found = textOf(text, span)
  if (NAME.test(found)) return
  const hint = /^[A-Za-z]\w*\s*\./.test(found) ? 'a control connection joins nodes, so leave the port out' : CONTROL_HINT
  throw new ConnectionSyntaxError(`Expected the id of a node ${where}, found ${quote(found)}.`, span, hint)
}

function parseOrder(text: string, span: TextSpan): number | 'Last' {
  if (/^last$/i.test(text)) return 'Last'
  const order = Number(text)
  if (/^\d+$/.test(text) && order >= 1 && order <= MAX_ORDER) return order
  const hint = /^0+$/.test(text)
    ? 'order 0 belongs to the data connections; connections of one node with the same order run at the same time'
    : 'orders are walked from the lowest to the highest; Last comes after all others of the node'
  throw new ConnectionSyntaxError(`The order of a valve is an integer from 1 to 999,999,999 or Last, found ${quote(text)}.`, span, hint)
}

function parseBody(text: string): Pick<ControlSpec, 'type' | 'condition' | 'concurrency'> {
  const keyword = KEYWORDS.find((word) => word === text.toLowerCase())
  if (keyword !== undefined) return { type: keyword, condition: null, concurrency: keyword === 'iterate' ? 1 : null }
  return { type: 'normal', condition: text === '' ? null : text, concurrency: null }
}

/** The body of the short form, or undefined where only the long form will do. */
function printBody(spec: ControlSpec): string | undefined {
  const body = spec.type === 'normal' ? (spec.condition ?? '') : spec.type
  const parsed = parseBody(body)
  const same = parsed.type === spec.type && parsed.condition === spec.condition && parsed.concurrency === spec.concurrency
  return same ? body : undefined
}

function trimmed(text: string, start: number, end: number): TextSpan {
  const piece = text.slice(start, end)
  const body = piece.trim()
  return { offset: start + (body === '' ? 0 : piece.length - piece.trimStart().length), length: body.length }
}

function textOf(text: string, span: TextSpan): string {
  return text.slice(span.offset, span.offset + span.length)
}

function quote(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text)
}
