import type { Settings } from './dag.js'
import type { DataSpec, ParsedData } from './data-connection.js'
import type { SourceText, TextSpan } from './source-text.js'
import type { ControlSpec, ParsedControl } from './valve.js'

/** A value of a flow file with the place of each of its parts. */
export type FlowValue =
  | {
      readonly kind: 'scalar'
      readonly value: null | boolean | number | string
      /** The text of a scalar without quotes that YAML does not read as a text: `012`, `1.10`, `NULL`. */
      readonly plain?: string
      /** An integer that `value` does not hold exactly, or a number that JSON has no form for. */
      readonly inexact?: true
      readonly at: TextSpan
    }
  | { readonly kind: 'list'; readonly items: readonly FlowValue[]; readonly at: TextSpan }
  | { readonly kind: 'map'; readonly entries: readonly FlowEntry[]; readonly at: TextSpan }

/** One key of a map with its value. */
export interface FlowEntry {
  readonly key: string
  readonly keyAt: TextSpan
  readonly value: FlowValue
}

/** One use of a module. */
export interface FlowModule {
  readonly id: string
  readonly idAt: TextSpan
  /** Name of the module in the catalogue; undefined where the file lacks it. */
  readonly name: string | undefined
  readonly nameAt: TextSpan
  /** Flat, whichever form the file has. */
  readonly configs: readonly FlowEntry[]
  /** False where some of them cannot be read: one that lacks may stand there. */
  readonly configsAreWhole: boolean
  readonly misc: FlowValue | undefined
}

/** A data connection with the places of the whole and of its parts in the file. */
export interface FlowData extends DataSpec {
  readonly at: TextSpan
  readonly spans: ParsedData['spans']
}

/** A control connection with the places of the whole and of its parts in the file. */
export interface FlowControl extends ControlSpec {
  readonly at: TextSpan
  readonly spans: ParsedControl['spans']
}

/** A flow file, read: what it says and where. */
export interface Flow {
  readonly source: SourceText
  readonly name: string
  readonly desc: string | undefined
  readonly version: string
  readonly authors: readonly string[]
  readonly created: string
  readonly settings: Settings
  readonly modules: readonly FlowModule[]
  /** False where a module has no id that can be read: a name that no node has may be its. */
  readonly modulesAreWhole: boolean
  readonly data: readonly FlowData[]
  readonly control: readonly FlowControl[]
  /** False where some data connections cannot be read. */
  readonly dataIsWhole: boolean
  /** False where some control connections cannot be read. */
  readonly controlIsWhole: boolean
}
