import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { Json } from '../../core/json.js'
import { toJson } from '../load/flow-value.js'

type FlowScalar = Extract<FlowValue, { kind: 'scalar' }>

/**
 * Rows of a flow file as JSON. A number whose type is declared is kept as a text of what is written, where a number of JSON would not be the
 * same: 9007199254740993, 12345678901234567.89, and 01234 in a column of texts. `types` is the config that declares them.
 */
export function readTypedRows(rows: FlowValue, types: FlowEntry | undefined): Json {
  if (rows.kind !== 'list' || types?.value.kind !== 'map') return toJson(rows)
  const declared = new Map(types.value.entries.map(({ key, value }) => [key, String(toJson(value))]))
  return rows.items.map((row) => {
    if (row.kind !== 'map') return toJson(row)
    return Object.fromEntries(row.entries.map(({ key, value }) => [key, readTyped(value, declared.get(key))]))
  })
}

function readTyped(value: FlowValue, type: string | undefined): Json {
  if (type === undefined || value.kind !== 'scalar' || typeof value.value !== 'number') return toJson(value)
  const { value: number, plain = '' } = value
  if (/^(VARCHAR|TEXT|STRING|CHAR|BPCHAR)\b/i.test(type)) return plain === String(number) ? number : plain
  return value.inexact === true || isRounded(value) ? digitsOf(plain) : number
}

/** Whether a decimal number has more digits than a number of JavaScript keeps. */
function isRounded({ value, plain = '' }: FlowScalar): boolean {
  const [written, kept] = [normalize(plain), normalize(String(value))]
  return written !== undefined && written !== kept
}

/** A decimal number as its digits without zeros at the ends, and the power of ten of the last one; undefined for what is none. */
function normalize(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  if (digits === '') return /\d/.test(text) ? '0' : undefined
  const significant = digits.replace(/0+$/, '')
  const power = Number(exponent) - fraction.length + digits.length - significant.length
  return `${sign === '-' ? '-' : ''}${significant}e${power}`
}

/** A number of YAML as the engine reads it: hexadecimal ones as decimal ones, infinity without its point. */
function digitsOf(plain: string): string {
  if (/^0[xo]/i.test(plain)) return String(BigInt(plain))
  return plain.replace(/^\+/, '').replace(/^(-?)\.(?=[a-z])/i, '$1')
}
