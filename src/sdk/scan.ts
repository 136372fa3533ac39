import type {
  CastRelation,
  Column,
  Expression,
  FilesRelation,
  FormatOptions,
  InlineRelation,
  RejectsRelation,
  Relation,
  ScanColumns,
  ScanRelation,
} from './relation.js'

/** The rows of files; see {@link ScanRelation}. */
export function scan(spec: {
  readonly format: ScanRelation['format']
  readonly path: string | readonly unknown[]
  readonly columns?: readonly unknown[] | { readonly [name: string]: unknown } | undefined
  readonly fileName?: string | undefined
  readonly badRows?: ScanRelation['badRows']
  readonly options?: FormatOptions
}): ScanRelation {
  return {
    kind: 'scan',
    format: spec.format,
    paths: typeof spec.path === 'string' ? [spec.path] : spec.path.map(String),
    columns: scanColumns(spec.columns),
    ...(spec.fileName === undefined ? {} : { fileNameColumn: spec.fileName }),
    badRows: spec.badRows ?? 'fail',
    options: spec.options ?? {},
  }
}

/** Rows that stand in the flow itself. */
export function inlineRows(rows: InlineRelation['rows'], columns?: { readonly [name: string]: unknown }): InlineRelation {
  return { kind: 'inline', rows, columns: columns === undefined ? null : typedColumns(columns) }
}

/** The input with some columns converted. */
export function cast(
  input: Relation,
  types: { readonly [name: string]: unknown },
  badRows: CastRelation['badRows'] = 'fail',
): CastRelation {
  return { kind: 'cast', input, types: typedColumns(types), badRows }
}

/** The bad rows of a scan or a cast with `badRows: 'reject'`. */
export function rejectsOf(relation: ScanRelation | CastRelation): RejectsRelation {
  return { kind: 'rejects', of: relation }
}

/** The files that a scan reads; throws for any other relation. */
export function filesOf(relation: Relation | undefined): FilesRelation {
  if (relation?.kind !== 'scan') throw new TypeError('only a scan has files')
  return { kind: 'files', of: relation }
}

function scanColumns(columns: readonly unknown[] | { readonly [name: string]: unknown } | undefined): ScanColumns {
  if (columns === undefined) return { kind: 'all' }
  if (isList(columns)) return { kind: 'pick', names: columns.map(nameOf) }
  return { kind: 'typed', columns: typedColumns(columns) }
}

/** A column is named by a text, or by an expression that is nothing but its name. */
function nameOf(column: unknown): string {
  const [part] = isExpression(column) ? column.parts : []
  return part?.kind === 'name' ? part.name : String(column)
}

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'expression'
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function typedColumns(columns: { readonly [name: string]: unknown }): Column[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type: String(type) }))
}
