import { PypeError } from '../../core/errors.js'
import { isJsonList, type Json } from '../../core/json.js'
import { SqlLexer, type SqlPlace } from '../../core/sql-lexer.js'
import { parseTemplate, type TemplatePart } from '../../core/template.js'
import type { Expression, SqlPart, SqlValue } from '../../sdk/relation.js'
import { fromTypedValue } from '../execution/published/typed-value.js'
import type { Found } from './found.js'
import type { Lookup } from './lookup.js'

type RefPart = Extract<TemplatePart, { kind: 'ref' }>

/** A text with its templates rendered as text. */
export function renderText(text: string, lookup: Lookup): string {
  if (!text.includes('{{')) return text
  return parseTemplate(text)
    .map((part) => (part.kind === 'text' ? part.text : renderPart(part, lookup)))
    .join('')
}

/** The value of a template as text. */
export function renderPart(part: RefPart, lookup: Lookup): string {
  return toText(part, findValue(part, lookup))
}

/** The same for a place that keeps secrets. */
export function renderSecretText(text: string, lookup: Lookup): string {
  return parseTemplate(text)
    .map((part) => {
      if (part.kind === 'text') return part.text
      const found = findValue(part, lookup)
      if (found.kind === 'secret') return found.value
      if (found.kind !== 'sealed') return toText(part, found)
      if (typeof found.written === 'string') return renderSecretText(found.written, lookup)
      throw new PypeError('TEMPLATE_VALUE', `The value of ${part.source} is no text.`, {
        hint: 'write the secret as a text of the context',
      })
    })
    .join('')
}

/** A value with all its texts rendered; a text that is one template alone keeps the type of its value. */
export function renderValue(value: Json, lookup: Lookup): SqlValue {
  if (typeof value === 'string') return renderScalar(value, lookup)
  if (value === null || typeof value !== 'object') return value
  if (isJsonList(value)) return value.map((element) => renderValue(element, lookup))
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, renderValue(element, lookup)]))
}

/**
 * An SQL text with its templates as values that stay apart from it, so that none can break out of its place; inside a
 * quoted string or name they are text with that quote doubled.
 */
export function renderSql(text: string, lookup: Lookup): Expression {
  const lexer = new SqlLexer()
  const parts: SqlPart[] = []
  for (const part of parseTemplate(text)) {
    if (part.kind === 'text') {
      lexer.read(part.text)
      parts.push({ kind: 'text', text: part.text })
    } else if (lexer.place === 'code') {
      parts.push(...toLiteral(part, findValue(part, lookup)))
      lexer.skipValue()
    } else {
      const rendered = quoteFor(lexer.place, part, lookup)
      parts.push({ kind: 'text', text: rendered })
    }
  }
  // What a module puts behind the text must not become a part of it.
  if (lexer.place === 'line comment') parts.push({ kind: 'text', text: '\n' })
  else if (lexer.place !== 'code') throw unclosed(lexer.place, text)
  return { kind: 'expression', parts }
}

function renderScalar(text: string, lookup: Lookup): SqlValue {
  if (!text.includes('{{')) return text
  const [first, ...more] = parseTemplate(text)
  if (first?.kind !== 'ref' || more.length > 0) return renderText(text, lookup)
  const found = findValue(first, lookup)
  if (found.kind === 'json') return found.value
  if (found.kind === 'absent') throw absent(first, found.why)
  if (found.kind !== 'typed') throw exposed(first)
  return fromTypedValue(found.value)
}

function toLiteral(part: RefPart, found: Found): SqlPart[] {
  const space: SqlPart = { kind: 'text', text: ' ' }
  if (found.kind === 'absent') return [{ kind: 'text', text: ' NULL ' }]
  // The blanks keep a literal from growing together with what stands beside it: e{{x}} must not become an E'…' string.
  if (found.kind === 'json') return [space, { kind: 'value', value: found.value }, space]
  if (found.kind !== 'typed') throw exposed(part)
  const { type, text } = found.value
  return [
    { kind: 'text', text: ' CAST(' },
    { kind: 'value', value: text },
    { kind: 'text', text: ` AS ${type}) ` },
  ]
}

function quoteFor(place: Exclude<SqlPlace, 'code'>, part: RefPart, lookup: Lookup): string {
  // Nothing that stands in a comment is needed, and a line's end in a value would end it.
  if (place === 'comment' || place === 'line comment') return ''
  const text = toText(part, findValue(part, lookup))
  if (place === 'string') return text.replaceAll("'", "''")
  if (place === 'escaped') return text.replaceAll('\\', '\\\\').replaceAll("'", "''")
  if (place === 'name') return text.replaceAll('"', '""')
  if (!text.includes('$')) return text
  throw new PypeError('TEMPLATE_VALUE', `The value of ${part.source} has a "$", which cannot stand in a string between dollar signs.`, {
    hint: `write ${part.source} outside of the string, or use single quotes`,
  })
}

function toText(part: RefPart, found: Found): string {
  if (found.kind === 'absent') throw absent(part, found.why)
  if (found.kind === 'secret' || found.kind === 'sealed') throw exposed(part)
  const value = found.kind === 'typed' ? found.value.text : found.value
  if (value === null) {
    throw new PypeError('TEMPLATE_VALUE', `${part.source} is NULL, which has no text.`, {
      hint: 'give it a value, or let it stand in SQL without quotes',
    })
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a template stands for; an error names the template. */
export function findValue(part: RefPart, lookup: Lookup): Found {
  try {
    return lookup(part.ref)
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    throw new PypeError(error.code, `${part.source}: ${error.message}`, { hint: error.hint, cause: error })
  }
}

/** The build refuses a secret in such a place; through a value of the context it comes here. */
function exposed(part: RefPart): PypeError {
  const what = part.ref.scope === 'secret' ? 'is a secret' : 'holds a secret'
  return new PypeError('SECRET_NOT_ALLOWED', `${part.source} ${what}, which cannot be kept secret here.`, {
    hint: 'secrets go into connections, configs that are marked secret, and the environment of a command',
  })
}

function absent({ ref, source }: RefPart, why: string): PypeError {
  const isError = ref.scope === 'global' && /^error_/i.test(ref.name)
  const instead = isError
    ? 'give each step a report of its own, or all of them one: docs/how-to/tell-someone.md'
    : 'use it only behind that node'
  return new PypeError('TEMPLATE_VALUE', `${source} has no value: ${why}.`, { hint: `use it in SQL, where it is NULL, or ${instead}` })
}

const OPENED: { readonly [place in Exclude<SqlPlace, 'code' | 'line comment'>]: string } = {
  string: 'a string opens with a quote',
  escaped: 'a string opens with a quote',
  name: 'a quoted name opens',
  dollar: 'a string opens with dollar signs',
  comment: 'a comment opens with /*',
}

function unclosed(place: keyof typeof OPENED, text: string): PypeError {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return new PypeError('SQL_INVALID', `In the SQL text, ${OPENED[place]} and is not closed: ${short}`, {
    hint: 'close it; a quote inside of a string is doubled',
  })
}
