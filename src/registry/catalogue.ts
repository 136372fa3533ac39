import type { ModuleDefinition } from '../sdk/define-module.js'

/** A module that a flow may use, loaded and checked. */
export interface ResolvedModule {
  readonly definition: ModuleDefinition
  /** `pype:source/csv_source` for a built-in module, else a path relative to the project folder. */
  readonly modulePath: string
  /** SHA-256 of a user module's file, in hex; null for a built-in module. */
  readonly sourceHash: string | null
}

/** The modules by name: those of the user's project first, then the built-in ones. */
export interface ModuleCatalogue {
  /** Loads the module with this name and no other one. Throws MODULE_INVALID or MODULE_GONE for one that is listed and cannot be used. */
  find(name: string): Promise<ResolvedModule | undefined>
  /** All names, sorted. */
  names(): readonly string[]
  /** What to do about a name that is not listed: the name that may have been meant, or that its file has to be registered. */
  hintFor(name: string): Promise<string>
}
