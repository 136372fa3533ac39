import type { ModuleType } from '../core/dag.js'
import type { Influence } from '../core/influence.js'
import type { DataArtifact } from './artifact.js'
import type { PortOutput, RunContext } from './context.js'
import type { Connection, DatabaseSession } from './database.js'
import type { Column, Expression, Relation, SqlValue } from './relation.js'
import type { ShellText } from './shell-text.js'

export type ConfigType =
  | 'str'
  | 'int'
  | 'float'
  | 'bool'
  | 'list'
  | 'dict'
  | 'enum'
  | 'path'
  | 'sql'
  | 'column'
  | 'columns'
  | 'secret'
  | 'command'
  | 'connection'

/** One config of a module. `type` may be several types: the first that the value fits is taken. */
export interface ConfigSpec {
  readonly type: ConfigType | readonly ConfigType[]
  readonly description: string
  /** A value that stands in the docs; it must pass the checks. */
  readonly example: unknown
  /** Absent: no value. */
  readonly default?: unknown
  /** For `enum`. */
  readonly values?: readonly string[]
  /** Type of the elements of a `list` or the values of a `dict`. */
  readonly of?: ConfigType
  /** For a `list` of maps: the config that has the types of their values by key. A number with a type there that JSON would round comes as a text of its digits. */
  readonly typedBy?: string
  /** For `int` and `float`. */
  readonly min?: number
  readonly max?: number
  /** A regular expression that a `str` must match whole, and what it means in words. */
  readonly pattern?: { readonly regex: string; readonly expected: string }
  /** For `sql`: the text must be one expression, and no statement or list. */
  readonly expression?: true
  /** The build must know the value: a template is an error. */
  readonly fixed?: true
  /** With this config the node reads on from its cursor: it cannot stand inside a loop. */
  readonly cursor?: true
  /** With this config the node reads rows again that an earlier run has read: no sink may add them to those that it has. */
  readonly again?: true
}

export interface ConfigSpecs {
  readonly required: { readonly [name: string]: ConfigSpec }
  readonly optional: { readonly [name: string]: ConfigSpec }
}

/** A global that a module publishes. With `query` it is a cheap query over its ports, run only where the flow refers to it. */
export interface GlobalSpec {
  readonly type: 'int' | 'float' | 'str' | 'bool' | 'any'
  readonly description: string
  readonly query?: (ports: { readonly inputs: PortMap<Relation>; readonly outputs: PortMap<Relation> }) => Relation
}

type PortMap<T> = { readonly [port: string]: T }

/** What stands at the input ports: those that must be connected by name, `name?` and `name*` as far as they are. */
export type InputsOf<I extends readonly string[], T> = { readonly [P in Exclude<I[number], `${string}?` | `${string}*`>]: T } & PortMap<T>

/** What a module puts out, by port; a port that is not connected may be left out. */
export type OutputsOf<O extends readonly string[], T> = { readonly [P in O[number]]?: T }

interface ValueOf {
  str: string
  int: number
  float: number
  bool: boolean
  path: string
  secret: string
  enum: string
  sql: Expression
  column: Expression
  columns: readonly Expression[]
  command: ShellText
  connection: Connection
  list: readonly SqlValue[]
  dict: { readonly [key: string]: SqlValue }
}

type ElementOf<S> = S extends { of: infer T extends ConfigType } ? ValueOf[T] : SqlValue
type TypedValue<S, T> = T extends 'list'
  ? readonly ElementOf<S>[]
  : T extends 'dict'
    ? { readonly [key: string]: ElementOf<S> }
    : T extends 'enum'
      ? S extends { values: readonly (infer V)[] }
        ? V
        : string
      : T extends ConfigType
        ? ValueOf[T]
        : never
type ConfigValue<S> = S extends { type: infer T } ? (T extends readonly (infer U)[] ? TypedValue<S, U> : TypedValue<S, T>) : never
type OptionalValue<S> = S extends { default: infer D }
  ? D extends null
    ? ConfigValue<S> | null
    : ConfigValue<S>
  : ConfigValue<S> | undefined

/** The configs as the body of a module sees them: checked, defaults filled in, templates rendered. */
export type ConfigOf<C extends ConfigSpecs> = string extends keyof C['required']
  ? { readonly [name: string]: unknown }
  : { readonly [K in keyof C['required']]: ConfigValue<C['required'][K]> } & {
      readonly [K in keyof C['optional']]: OptionalValue<C['optional'][K]>
    }

/** What a `query` gets. It is pure: it describes relations and touches nothing. */
export interface QueryInput<Config, I extends readonly string[] = readonly string[], O extends readonly string[] = readonly string[]> {
  /** The input ports that are connected. */
  readonly inputs: InputsOf<I, Relation>
  readonly config: Config
  /** The columns of each connected input port. */
  readonly columns: InputsOf<I, readonly Column[]>
  /** Names of the output ports that are connected. */
  readonly outputs: ReadonlySet<O[number]>
}

/** What a module with code is asked for its columns with, before a run. */
export interface ColumnsInput<Config, I extends readonly string[] = readonly string[], O extends readonly string[] = readonly string[]> {
  /** The columns of each connected input port. */
  readonly columns: InputsOf<I, readonly Column[]>
  readonly config: Config
  /** Names of the output ports whose columns are wanted. */
  readonly outputs: ReadonlySet<O[number]>
  /** A session of a database, to read and not to change it; absent where databases are not asked. It is closed by whoever gave it. */
  readonly connect?: (connection: Connection) => Promise<DatabaseSession>
}

/** Where the columns of an output port of a module with code come from. */
export interface ModuleLineage {
  /** The columns of the inputs that each column is made of; one that is not named is made of none. */
  readonly columns: { readonly [column: string]: readonly LineageInput[] }
  /** Columns that decide which rows there are, or their order. */
  readonly rows: readonly LineageInput[]
}

/** A column of an input port, and how it comes in: `transformation` where nothing else is said, `filter` among those of `rows`. */
export interface LineageInput {
  readonly port: string
  readonly column: string
  readonly how?: Influence
}

/** The one source of a module's checks, defaults, types, docs, editor schema and registry entry. */
export interface ModuleDefinition<
  C extends ConfigSpecs = ConfigSpecs,
  G extends string = string,
  I extends readonly string[] = readonly string[],
  O extends readonly string[] = readonly string[],
> {
  /** `^[a-z][a-z0-9_]*$`; the file is called the same. */
  readonly name: string
  readonly type: ModuleType
  /** Semantic version; a minor one never changes rows. */
  readonly version: string
  readonly description: string
  /** Groups the modules in listings. */
  readonly category: string
  /** `name`, `name?` (may stay open) or `name*` (variadic: takes `name`, `name1`, `name_left`, … each once). */
  readonly inputPorts: I
  readonly outputPorts: O
  readonly globals: { readonly [K in G]: GlobalSpec }
  /** Globals that depend on the configs (set_global). */
  readonly dynamicGlobals?: (config: { readonly [name: string]: unknown }) => readonly string[]
  /** npm packages that the code imports. */
  readonly packages: readonly string[]
  /** The module publishes the list of a loop with `setItems`. */
  readonly items?: boolean
  /** Of a solo: `run` only looks at what is there and changes nothing, so that a preview may run it for its globals and its list. */
  readonly readsOnly?: boolean
  readonly config: C
  /** Checks across configs, on the values as written; returns what is wrong, one text each. Configs with templates are absent there; `given` names all that the flow gives. */
  readonly check?: (config: { readonly [name: string]: unknown }, given: readonly string[]) => readonly string[]
  /** Describes the rows of the output ports. A module has either `query` or `run`. */
  query?(input: QueryInput<ConfigOf<C>, I, O>): OutputsOf<O, Relation>
  /**
   * Before a run, for a module with `run`: the columns of its output ports, as far as they are sure; throws coded errors for what `run`
   * would refuse about the columns that it gets. Changes nothing.
   */
  columns?(input: ColumnsInput<ConfigOf<C>, I, O>): OutputsOf<O, readonly Column[]> | Promise<OutputsOf<O, readonly Column[]>>
  /** With `run` and `columns`: where the columns that it tells come from. Without it they may come from any column of the inputs. */
  lineage?(input: Omit<ColumnsInput<ConfigOf<C>, I, O>, 'connect'>): OutputsOf<O, ModuleLineage>
  /** Runs once per node and process, before its first `run`. */
  setup?(ctx: RunContext<ConfigOf<C>, G, O[number]>): void | Promise<void>
  /** Moves the rows, or does whatever else the module is for; returns what leaves by the output ports. */
  run?(inputs: InputsOf<I, DataArtifact>, ctx: RunContext<ConfigOf<C>, G, O[number]>): RunOutput<O> | Promise<RunOutput<O>>
  /** Runs always after `setup`, even after a failure or a cancel. */
  teardown?(ctx: RunContext<ConfigOf<C>, G, O[number]>): void | Promise<void>
}

type RunOutput<O extends readonly string[]> = void | OutputsOf<O, PortOutput>

/** Declares a module; types the configs, the ports and the globals that its body sees. */
export function defineModule<
  const C extends ConfigSpecs,
  const G extends string,
  const I extends readonly string[],
  const O extends readonly string[],
>(definition: ModuleDefinition<C, G, I, O>): ModuleDefinition<C, G, I, O> {
  return definition
}
