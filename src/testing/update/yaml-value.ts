import { type Document, isNode, type Node, Scalar } from 'yaml'
import { parseJson } from '../../core/json.js'
import { kindOfType } from '../compare/column-kind.js'

/** A value of a type as it is written in YAML: numbers as they are, whatever is no number as a text. */
export function toYamlValue(text: string | null, type: string, document: Document): Node {
  if (text === null) return new Scalar(null)
  const kind = kindOfType(type)
  if (kind === 'nested' || kind === 'json') return document.createNode(parseJson(text) ?? text, { flow: true })
  if (kind === 'boolean') return new Scalar(text === 'true')
  const isNumber = kind === 'exact number' || kind === 'double' || kind === 'float'
  if (!isNumber || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return new Scalar(text)
  const number = new Scalar(Number(text))
  // Printed with all of its digits.
  number.source = text
  return number
}

/** A value that stands in the place of another one, with the comments around that. */
export function inPlaceOf(before: unknown, value: Node): Node {
  if (!isNode(before)) return value
  if (typeof before.comment === 'string') value.comment = before.comment
  if (typeof before.commentBefore === 'string') value.commentBefore = before.commentBefore
  return value
}
