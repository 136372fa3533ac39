import type { Column } from '../../../sdk/relation.js'
import { quoteName } from '../statement/literal.js'
import { type ColumnType, parseColumnType, type TypedField } from '../store/column-type.js'

/** Types that Parquet files of the engine would change. */
const TEXT_FOR_OTHERS = /^(INTERVAL|TIME WITH TIME ZONE|BIT|BIGNUM|ENUM\(.*\))$/s

/** The columns as a Parquet file for others: integers of 128 bits become exact decimals, what has no type there becomes text. */
export function exportColumns(columns: readonly Column[]): string {
  return columns
    .map(({ name, type }) => {
      const exported = exportedType(parseColumnType(type))
      const quoted = quoteName(name)
      return exported === type ? quoted : `CAST(${quoted} AS ${exported}) AS ${quoted}`
    })
    .join(', ')
}

function exportedType(type: ColumnType): string {
  switch (type.kind) {
    case 'plain':
      if (TEXT_FOR_OTHERS.test(type.text)) return 'VARCHAR'
      return /^U?HUGEINT$/.test(type.text) ? 'DECIMAL(38,0)' : type.text
    case 'list':
      return `${exportedType(type.of)}[]`
    case 'array':
      return `${exportedType(type.of)}[${type.size}]`
    case 'map':
      return `MAP(${exportedType(type.key)}, ${exportedType(type.value)})`
    case 'struct':
      return exportedFields('STRUCT', type.fields) ?? type.text
    case 'union':
      return exportedFields('UNION', type.members) ?? type.text
  }
}

/** Undefined when no field changes. */
function exportedFields(kind: string, fields: readonly TypedField[]): string | undefined {
  const types = fields.map(({ type }) => exportedType(type))
  if (fields.every(({ type }, i) => type.text === types[i])) return undefined
  return `${kind}(${fields.map(({ name }, i) => (name === undefined ? '' : `${quoteName(name)} `) + types[i]).join(', ')})`
}
