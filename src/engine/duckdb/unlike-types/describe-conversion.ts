import { familyOf } from '../../../sdk/type-family.js'
import { clip } from '../failure/clip.js'
import type { BoundValue } from './bound-value.js'
import type { Conversion, Reason } from './conversion.js'

const BRING_TOGETHER = 'bring both sides to one type: with CAST, or with the config types of a select_mod before'

/** What is wrong with a conversion, for a message, and what to do about it. */
export function describeConversion({ value, to, reason }: Conversion): { readonly message: string; readonly hint: string } {
  switch (reason.kind) {
    case 'compared':
      return {
        message: `${reason.left.label} is compared with ${reason.right.label}${reason.by === undefined ? '' : ` by ${reason.by}`}.`,
        hint: hintForCompared(value, to, reason),
      }
    case 'chosen':
      return {
        message: `${reason.of} gives ${reason.other.label} or ${value.label}, which is no ${kindOf(to)}.`,
        hint: `${hintForChosen(reason.other)}, or take NULL in the place of the text`,
      }
    case 'united':
      return { message: `UNION puts ${reason.left.label} and ${reason.right.label} into one column.`, hint: BRING_TOGETHER }
    case 'expected':
      return { message: `${value.label} stands where ${withArticle(kindOf(to))} is expected.`, hint: hintForExpected(value, to) }
  }
}

function hintForCompared(value: BoundValue, to: string, { left, right, by }: Reason & { readonly kind: 'compared' }): string {
  if (value.text !== undefined)
    return to.startsWith('ENUM(') ? `its values are ${clip(to.slice('ENUM('.length, -1))}` : `compare it with ${withExample(to)}`
  const other = value === left ? right : left
  if (value.family === 'text' && value.column !== undefined && other.constant !== undefined && by === undefined)
    return `compare it with a text, '${other.constant}', or convert it: CAST(${value.column} AS ${familyOf(to) === 'number' ? 'BIGINT' : to})`
  return BRING_TOGETHER
}

function hintForChosen({ column }: BoundValue): string {
  return column === undefined ? 'put the other values in quotes too' : `make a text of the other value: CAST(${column} AS VARCHAR)`
}

function hintForExpected({ text, column }: BoundValue, to: string): string {
  if (text !== undefined) return `write ${withExample(to)}, or convert what is beside it`
  return to === 'BOOLEAN' ? 'compare it with something' : `convert it: CAST(${column ?? '…'} AS ${to})`
}

/** A type in words: as one word for those that are compared with each other. */
function kindOf(type: string): string {
  if (type.startsWith('ENUM(')) return 'value of the ENUM'
  const family = familyOf(type)
  if (family === 'boolean') return 'truth value'
  return family === undefined || family === 'list' ? `value of type ${type}` : family
}

function withArticle(kind: string): string {
  return `${kind === 'interval' ? 'an' : 'a'} ${kind}`
}

function withExample(type: string): string {
  return `${withArticle(kindOf(type))}${type === 'DATE' ? ", such as '2026-01-31'" : ''}`
}
