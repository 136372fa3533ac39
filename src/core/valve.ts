import { CONNECTION_NAME, ConnectionSyntaxError, quotePiece, textAt, trimmedSpan } from './connection-syntax.js'
import type { ValveType } from './dag.js'
import type { Json } from './json.js'
import type { TextSpan } from './source-text.js'

/** The highest order of a control connection. */
export const MAX_ORDER = 999_999_999

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

/** A control connection with the places of its parts in the text that was read. */
export interface ParsedControl {
  readonly spec: ControlSpec
  readonly spans: { readonly from: TextSpan; readonly to: TextSpan; readonly order: TextSpan; readonly body: TextSpan }
}

const CONTROL_HINT = 'write it as "from (order|body) to", for example "load (1|) report"'
const KEYWORDS = ['iterate', 'start', 'error', 'done'] as const

/** Reads `from (order|body) to`. Blanks may stand around every part. Throws {@link ConnectionSyntaxError}. */
export function parseControl(text: string): ParsedControl {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0)
    throw new ConnectionSyntaxError(
      'A control connection needs a valve in parentheses between its two nodes.',
      trimmedSpan(text, 0, text.length),
      CONTROL_HINT,
    )
  if (close < open)
    throw new ConnectionSyntaxError(
      'The valve is not closed: a ) is expected before the target.',
      { offset: open, length: 1 },
      CONTROL_HINT,
    )
  const from = trimmedSpan(text, 0, open)
  const to = trimmedSpan(text, close + 1, text.length)
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
  const order = trimmedSpan(text, open + 1, bar)
  const body = trimmedSpan(text, bar + 1, close)
  const spec = {
    from: textAt(text, from),
    to: textAt(text, to),
    order: parseOrder(textAt(text, order), order),
    ...parseBody(textAt(text, body)),
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

function checkNode(text: string, span: TextSpan, where: string): void {
  const found = textAt(text, span)
  if (CONNECTION_NAME.test(found)) return
  const hint = /^[A-Za-z]\w*\s*\./.test(found) ? 'a control connection joins nodes, so leave the port out' : CONTROL_HINT
  throw new ConnectionSyntaxError(`Expected the id of a node ${where}, found ${quotePiece(found)}.`, span, hint)
}

function parseOrder(text: string, span: TextSpan): number | 'Last' {
  if (/^last$/i.test(text)) return 'Last'
  const order = Number(text)
  if (/^\d+$/.test(text) && order >= 1 && order <= MAX_ORDER) return order
  const hint = /^0+$/.test(text)
    ? 'order 0 belongs to the data connections; connections of one node with the same order run at the same time'
    : 'orders are walked from the lowest to the highest; Last comes after all others of the node'
  throw new ConnectionSyntaxError(
    `The order of a valve is an integer from 1 to 999,999,999 or Last, found ${quotePiece(text)}.`,
    span,
    hint,
  )
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
