import { PypeError } from '../../../core/errors.js'
import type { Column } from '../../../sdk/relation.js'
import { quoteName } from '../statement/literal.js'
import { type ColumnType, parseColumnType, type TypedField } from './column-type.js'
import { type Builder, buildInterval, buildList, buildMap, buildStruct, buildUnion } from './stored-builder.js'

/*
 * The engine's Parquet files change some types: HUGEINT becomes DOUBLE, intervals lose microseconds, arrays become lists, and so on.
 * Columns of such types are written in another form and brought back from it.
 */

/** How the values of a type stand in a file. Undefined elsewhere: a file keeps the type and its values. */
type StoredForm =
  /** In another type, or in the own one when that is only to be restored; a cast leads there and back. */
  | { readonly kind: 'cast'; readonly type: string }
  /** Taken apart and built again, for no cast leads there. */
  | { readonly kind: 'built'; readonly builder: Builder }

/** Types that are written as text, which the engine reads back exactly. */
const AS_TEXT = /^(U?HUGEINT|TIME WITH TIME ZONE|BIT|BIGNUM|TIMESTAMP_S|ENUM\(.*\))$/s
/** Types whose values a file keeps, but not the type. */
const RESTORED = /^(TIMESTAMP_MS|JSON|GEOMETRY(\(.*\))?)$/s
/** A file would change values of these, or cannot hold them. */
const UNSTORABLE = /^(VARIANT|TYPE)$/

/** The columns as they are written to a file that {@link restoreColumns} reads back unchanged. Throws SQL_INVALID for a type that no file can hold. */
export function encodeColumns(columns: readonly Column[]): string {
  return columns.map((column) => select(column, write(column))).join(', ')
}

/** The columns of such a file with their own types. */
export function restoreColumns(columns: readonly Column[]): string {
  return columns.map((column) => select(column, read(column))).join(', ')
}

function select({ name }: Column, value: string): string {
  const quoted = quoteName(name)
  return value === quoted ? quoted : `${value} AS ${quoted}`
}

function write(column: Column): string {
  return toBuilder(parseColumnType(column.type), formOf(column)).write(quoteName(column.name))
}

function read(column: Column): string {
  return toBuilder(parseColumnType(column.type), formOf(column)).read(quoteName(column.name))
}

function formOf({ name, type }: Column): StoredForm | undefined {
  return findForm(parseColumnType(type), (text) => {
    throw new PypeError('SQL_INVALID', `Column "${name}" has the type ${text}, which cannot be stored.`, {
      hint: 'convert it with select_mod types or leave it out',
    })
  })
}

type Refuse = (type: string) => never

function findForm(type: ColumnType, refuse: Refuse): StoredForm | undefined {
  switch (type.kind) {
    case 'plain':
      return plainForm(type.text, refuse)
    case 'list':
    case 'array':
      return listForm(type, refuse)
    case 'map':
      return mapForm(type, refuse)
    case 'struct':
      return structForm(type, refuse)
    case 'union':
      return {
        kind: 'built',
        builder: buildUnion(
          type.text,
          namesOf(type.members),
          buildersOf(
            type.members,
            type.members.map((member) => findForm(member.type, refuse)),
          ),
        ),
      }
  }
}

function plainForm(type: string, refuse: Refuse): StoredForm | undefined {
  if (UNSTORABLE.test(type)) refuse(type)
  if (AS_TEXT.test(type)) return { kind: 'cast', type: 'VARCHAR' }
  if (RESTORED.test(type)) return { kind: 'cast', type }
  return type === 'INTERVAL' ? { kind: 'built', builder: buildInterval } : undefined
}

function listForm(type: Extract<ColumnType, { kind: 'list' | 'array' }>, refuse: Refuse): StoredForm | undefined {
  const form = findForm(type.of, refuse)
  const suffix = type.kind === 'array' ? `[${type.size}]` : '[]'
  if (form?.kind === 'built') return { kind: 'built', builder: buildList(type.of.text, suffix, form.builder) }
  if (form === undefined && type.kind === 'list') return undefined
  // A file keeps an array as a list.
  return { kind: 'cast', type: (form?.type ?? type.of.text) + suffix }
}

function mapForm({ key, value }: Extract<ColumnType, { kind: 'map' }>, refuse: Refuse): StoredForm | undefined {
  const [keys, values] = [findForm(key, refuse), findForm(value, refuse)]
  if (keys === undefined && values === undefined) return undefined
  if (keys?.kind === 'built' || values?.kind === 'built') {
    return { kind: 'built', builder: buildMap(toBuilder(key, keys), toBuilder(value, values)) }
  }
  return { kind: 'cast', type: `MAP(${keys?.type ?? key.text}, ${values?.type ?? value.text})` }
}

/** A struct without names has a type that no cast can name. */
function structForm({ text, fields }: Extract<ColumnType, { kind: 'struct' }>, refuse: Refuse): StoredForm | undefined {
  if (fields.some(({ name }) => name === undefined)) refuse(text)
  const forms = fields.map(({ type }) => findForm(type, refuse))
  if (forms.every((form) => form === undefined)) return undefined
  const types = forms.flatMap((form, i) => (form?.kind === 'built' ? [] : [form?.type ?? fields[i]?.type.text]))
  if (types.length === fields.length) {
    return { kind: 'cast', type: `STRUCT(${types.map((type, i) => `${quoteName(fields[i]?.name ?? '')} ${type}`).join(', ')})` }
  }
  return { kind: 'built', builder: buildStruct(namesOf(fields), buildersOf(fields, forms)) }
}

function namesOf(fields: readonly TypedField[]): readonly string[] {
  return fields.map(({ name }) => name ?? '')
}

function buildersOf(fields: readonly TypedField[], forms: readonly (StoredForm | undefined)[]): readonly Builder[] {
  return fields.map(({ type }, i) => toBuilder(type, forms[i]))
}

function toBuilder({ text }: ColumnType, form: StoredForm | undefined): Builder {
  if (form === undefined) return { write: (value) => value, read: (value) => value }
  if (form.kind === 'built') return form.builder
  return {
    write: (value) => (form.type === text ? value : `CAST(${value} AS ${form.type})`),
    read: (value) => `CAST(${value} AS ${text})`,
  }
}
