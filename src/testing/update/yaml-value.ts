import { type Document, isNode, type Node, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { kindOfType } from '../compare/column-kind.js'
import { type ExactJson, ExactNumber, parseExactJson } from '../compare/exact-json.js'

/** A value of a type as it is written in YAML: numbers as they are, whatever is no number as a text. */
export function toYamlValue(text: string | null, type: string, document: Document): Node {
  if (text === null) return new Scalar(null)
  const kind = kindOfType(type)
  if (kind === 'nested' || kind === 'json') {
    const value = parseExactJson(text)
    return value === undefined ? new Scalar(text) : toNode(value, document)
  }
  if (kind === 'boolean') return new Scalar(text === 'true')
  const isNumber = kind === 'exact number' || kind === 'double' || kind === 'float'
  return isNumber ? toNumber(text) : new Scalar(text)
}

function toNode(value: ExactJson, document: Document): Node {
  if (value instanceof ExactNumber) return toNumber(value.text)
  if (value instanceof Map) {
    const map = new YAMLMap(document.schema)
    map.flow = true
    for (const [key, each] of value) map.set(document.createNode(key), toNode(each, document))
    return map
  }
  if (!Array.isArray(value)) return new Scalar(value)
  const list = new YAMLSeq(document.schema)
  list.flow = true
  for (const each of value) list.add(toNode(each, document))
  return list
}

/** Printed with all of its digits; what is none, or has no end, as a text. */
function toNumber(text: string): Scalar {
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return new Scalar(text)
  const number = new Scalar(Number(text))
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
