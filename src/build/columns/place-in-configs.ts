import type { PypeError } from '../../core/errors.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { SourceText, TextSpan } from '../../core/source-text.js'
import { QueryError } from '../../engine/sql-place.js'
import { findConfigSpec } from '../../registry/config-check.js'
import { spanInside } from '../load/span-inside.js'
import { definitionOf, type PlanNode } from '../plan/graph.js'

interface ConfigText {
  readonly text: string
  readonly at: TextSpan
}

/**
 * Where in the configs of a node an error of its rows lies: at the piece of SQL that the engine blames, else at the first name in quotes
 * of the message that stands in a config, else at the only SQL of the node, else at its id.
 */
export function placeInConfigs(error: PypeError, node: PlanNode, source: SourceText): TextSpan {
  const texts = node.flow.configs.flatMap(({ value }) => textsOf(value))
  if (error instanceof QueryError) {
    const { text, offset, length } = error.place
    // The text may be a part of the config, where a template stands in it.
    const holder = texts.find((config) => config.text === text) ?? texts.find((config) => text.trim() !== '' && config.text.includes(text))
    if (holder !== undefined) return spanInside(source, holder.at, holder.text, { offset: holder.text.indexOf(text) + offset, length })
  }
  for (const name of namesIn(error.message)) {
    for (const { text, at } of texts) {
      const offset = findWord(text, name)
      if (offset >= 0) return spanInside(source, at, text, { offset, length: name.length })
    }
  }
  return onlySql(node)?.value.at ?? node.flow.idAt
}

/** The texts of a value and the keys of its maps, in their order. */
function textsOf(value: FlowValue): readonly ConfigText[] {
  if (value.kind === 'scalar') return value.value === null ? [] : [{ text: String(value.value), at: value.at }]
  if (value.kind === 'list') return value.items.flatMap(textsOf)
  return value.entries.flatMap((entry) => [{ text: entry.key, at: entry.keyAt }, ...textsOf(entry.value)])
}

/** What a message says of a column, a type or a file: names in quotes, then those behind these words. */
function namesIn(message: string): readonly string[] {
  const quoted = [...message.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '')
  const named = [...message.matchAll(/\b(?:type|lacks|unexpected) ([^\s,]+?)(?:[,.]?\s|[,.]?$)/g)].map((match) => match[1] ?? '')
  return [...quoted, ...named].filter((name) => name !== '')
}

/** Where a name stands as a whole word, without regard to case; -1 when it does not. */
function findWord(text: string, name: string): number {
  const isPart = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character)
  const [within, word] = [text.toLowerCase(), name.toLowerCase()]
  for (let at = within.indexOf(word); at >= 0; at = within.indexOf(word, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return at
  }
  return -1
}

function onlySql(node: PlanNode): FlowEntry | undefined {
  const specs = definitionOf(node)?.config
  const texts = node.flow.configs.filter(({ key }) => {
    const spec = specs && findConfigSpec(specs, key)
    return spec?.type === 'sql' || spec?.of === 'sql'
  })
  return texts.length === 1 ? texts[0] : undefined
}
