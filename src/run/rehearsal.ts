import type { DagNode } from '../core/dag.js'
import type { ModuleDefinition } from '../sdk/define-module.js'

/** A run for show: it walks, commits and resumes as every run does, with other modules in the places of some. */
export interface Rehearsal {
  /** The folder of the flow: the modules of its project are looked for from here, and not around the job folder. */
  readonly project: string
  /** What runs in the place of a node's module; the module itself where nothing does. Its configs are resolved by what comes back. */
  readonly standIn: (node: DagNode, definition: ModuleDefinition) => ModuleDefinition
}
