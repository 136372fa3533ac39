import { SqlLexer } from '../core/sql-lexer.js'
import type { DataArtifact } from './artifact.js'
import { type Expression, isRelation, type QueryRelation, type Relation, type SqlPart, type SqlValue } from './relation.js'

/** What may stand in `${}` of {@link sql} and {@link expr}. Plain values become typed literals and cannot break out of their place; a port that is not connected throws. */
export type SqlHole = SqlValue | Expression | Relation | DataArtifact | undefined

/** A statement that yields rows: sql`SELECT * FROM ${inputs.input} WHERE ${config.condition}`. */
export function sql(texts: TemplateStringsArray, ...holes: readonly SqlHole[]): QueryRelation {
  return { kind: 'query', parts: toParts(texts, holes) }
}

/** A piece of SQL to stand in another one. */
export function expr(texts: TemplateStringsArray, ...holes: readonly SqlHole[]): Expression {
  return { kind: 'expression', parts: toParts(texts, holes) }
}

/** A name, quoted: of a column or a table. */
export function ident(name: string): Expression {
  return { kind: 'expression', parts: [{ kind: 'name', name }] }
}

/** SQL text as it is. Only for text that stands in a flow as SQL, or is spelled out in a module. */
export function rawSql(text: string): Expression {
  return { kind: 'expression', parts: [{ kind: 'text', text }] }
}

/** Expressions one after the other with `separator` in between. */
export function joinSql(items: readonly Expression[], separator = ', '): Expression {
  const parts = items.flatMap((item, i) => (i === 0 ? item.parts : [{ kind: 'text' as const, text: separator }, ...item.parts]))
  return { kind: 'expression', parts }
}

/** A statement without the semicolon that ends it, so that it can stand in brackets. */
export function trimStatement(statement: Expression): Expression {
  let last: { readonly part: number; readonly at: number; readonly character: string } | undefined
  let index = 0
  let start = 0
  const lexer = new SqlLexer((character, at) => {
    if (character.trim() !== '') last = { part: index, at: at - start, character }
  })
  for (const part of statement.parts) {
    if (part.kind === 'text') {
      lexer.read(part.text)
      start += part.text.length
    } else {
      lexer.skipValue()
      last = undefined
    }
    index++
  }
  if (last?.character !== ';') return statement
  const { part: cut, at } = last
  const parts = statement.parts.map((part, i): SqlPart => {
    return i === cut && part.kind === 'text' ? { kind: 'text', text: `${part.text.slice(0, at)} ${part.text.slice(at + 1)}` } : part
  })
  return { kind: 'expression', parts }
}

function toParts(texts: TemplateStringsArray, holes: readonly SqlHole[]): SqlPart[] {
  const parts: SqlPart[] = []
  texts.forEach((text, i) => {
    if (text !== '') parts.push({ kind: 'text', text })
    if (i < holes.length) parts.push(...holeParts(holes[i]))
  })
  return parts
}

function holeParts(hole: SqlHole): readonly SqlPart[] {
  if (hole === undefined) throw new TypeError('undefined stands in an SQL template')
  if (!isTagged(hole)) return [{ kind: 'value', value: hole }]
  if (hole.kind === 'expression') return hole.parts
  if (hole.kind === 'artifact') return [{ kind: 'relation', relation: hole.relation }]
  return [{ kind: 'relation', relation: hole }]
}

function isTagged(hole: Exclude<SqlHole, undefined>): hole is Expression | Relation | DataArtifact {
  if (typeof hole !== 'object' || hole === null) return false
  return isRelation(hole) || ('kind' in hole && (hole.kind === 'expression' || hole.kind === 'artifact'))
}
