import type { Dependencies } from '../../lineage.js'
import { FUNCTION, merge, NOTHING, via } from './dependencies.js'

/** A place in the columns of a query. */
export type Item =
  /** `name` is undefined where the engine makes one up out of an expression. */
  | { readonly kind: 'column'; readonly name: string | undefined; readonly from: Dependencies }
  /** Columns of which neither number nor names can be told; those in `named` are known if they are there. */
  | { readonly kind: 'open'; readonly from: Dependencies; readonly named: ReadonlyMap<string, Dependencies> }

/** The columns of a query or a table, and what its rows depend on. */
export interface TracedRows {
  readonly items: readonly Item[]
  readonly rows: Dependencies
}

/** Queries by lower-case name. */
export type NamedQueries = ReadonlyMap<string, TracedRows>

/** What FROM puts at the disposal of a query. */
export interface From {
  /** Lower-case name, and columns. */
  readonly tables: readonly { readonly name: string; readonly items: readonly Item[] }[]
  /** As `*` gives them; a column of USING stands once. */
  readonly star: readonly Item[]
  readonly rows: Dependencies
}

/** What the names in an expression may mean. */
export interface Scope {
  readonly from: From
  /** Columns of the SELECT that later expressions may use. */
  readonly aliases: ReadonlyMap<string, Dependencies>
  /** Parameters of the lambdas around. */
  readonly parameters: ReadonlySet<string>
  readonly outer: Scope | undefined
  readonly queries: NamedQueries
  readonly world: World
}

/** What does not change in a statement. */
export interface World {
  /** Names of aggregate functions. */
  readonly aggregates: ReadonlySet<string>
  readonly traceQuery: (node: unknown, queries: NamedQueries, outer: Scope | undefined, world: World) => TracedRows
}

/** Says why the lineage of a query cannot be told; caught where a query is traced. */
export class Untraceable extends Error {}

export const EMPTY_FROM: From = { tables: [], star: [], rows: NOTHING }

/** The engine reads these names as functions where no column is called so. */
const VALUE_FUNCTIONS: ReadonlySet<string> = new Set(
  'current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime localtimestamp session_user user'.split(
    ' ',
  ),
)

/** All that some columns depend on. */
export function fromAll(items: readonly Item[]): Dependencies {
  return merge(...items.map(({ from }) => from))
}

/** What the name of a column, with the names before it, depends on. Where it may mean several things, on all of them. */
export function resolveName(names: readonly string[], scope: Scope): Dependencies {
  const lower = names.map((name) => name.toLowerCase())
  const doubtful: Dependencies[] = []
  for (let around: Scope | undefined = scope; around !== undefined; around = around.outer) {
    const found = findIn(lower, around)
    if (found !== undefined) return merge(found, ...doubtful)
    const items = [...around.from.star, ...around.from.tables.flatMap((table) => table.items)]
    doubtful.push(...items.flatMap((item) => doubt(item, lower)))
  }
  if (doubtful.length > 0) return merge(...doubtful)
  if (isParameter(lower[0] ?? '', scope)) return NOTHING
  if (lower.length === 1 && VALUE_FUNCTIONS.has(lower[0] ?? '')) return FUNCTION
  throw new Untraceable(`it cannot be told what "${names.join('.')}" means`)
}

function isParameter(name: string, scope: Scope): boolean {
  for (let around: Scope | undefined = scope; around !== undefined; around = around.outer) if (around.parameters.has(name)) return true
  return false
}

function findIn(names: readonly string[], { from, aliases }: Scope): Dependencies | undefined {
  const [first = ''] = names
  const found: Dependencies[] = []
  if (names.length === 1) {
    const columns = named(from.star, first)
    const alias = aliases.get(first)
    if (columns.length > 0 || alias !== undefined) return merge(...columns, alias ?? NOTHING)
    const table = from.tables.find(({ name }) => name === first)
    return table && via('transformation', fromAll(table.items))
  }
  // `table.column`, with a schema before it or fields of a struct behind it.
  for (let i = 0; i + 1 < names.length; i++) {
    const items = from.tables.filter(({ name }) => name === names[i]).flatMap((table) => table.items)
    const columns = named(items, names[i + 1] ?? '')
    found.push(...columns.map((column) => (i + 2 < names.length ? via('transformation', column) : column)))
  }
  const fields = [...named(from.star, first), ...(aliases.has(first) ? [aliases.get(first) ?? NOTHING] : [])]
  found.push(...fields.map((field) => via('transformation', field)))
  return found.length > 0 ? merge(...found) : undefined
}

function named(items: readonly Item[], name: string): readonly Dependencies[] {
  return items.flatMap((item) => (item.kind === 'column' && item.name?.toLowerCase() === name ? [item.from] : []))
}

/** What a name may mean when no column is known to bear it. */
function doubt(item: Item, names: readonly string[]): readonly Dependencies[] {
  if (item.kind === 'column') return item.name === undefined ? [via('transformation', item.from)] : []
  return [names.map((name) => item.named.get(name)).find((from) => from !== undefined) ?? item.from]
}

/** Columns under other names, from the first on. */
export function renameFirst(items: readonly Item[], names: readonly string[]): readonly Item[] {
  if (names.length === 0) return items
  const open = items.findIndex(({ kind }) => kind === 'open')
  // Which of its columns get the names cannot be told.
  if (open >= 0 && open < names.length) return [openOf(items)]
  return items.map((item, i) => (item.kind === 'column' && i < names.length ? { ...item, name: names[i] } : item))
}

/** Some columns as if nothing were known of their number and names. */
export function openOf(items: readonly Item[]): Item {
  return { kind: 'open', from: via('transformation', fromAll(items)), named: new Map() }
}

/** Columns as the query around sees them: a name that comes again gets a number. */
export function distinguish(items: readonly Item[]): readonly Item[] {
  const seen = new Map<string, number>()
  return items.map((item) => {
    if (item.kind === 'open' || item.name === undefined) return item
    const count = seen.get(item.name.toLowerCase()) ?? 0
    seen.set(item.name.toLowerCase(), count + 1)
    return count === 0 ? item : { ...item, name: `${item.name}_${count}` }
  })
}
