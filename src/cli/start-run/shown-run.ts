import type { RunOptions } from '../../run/run-options.js'
import type { Display, DisplayFlags } from '../display/open-display.js'
import type { BackfillFlags } from './backfill-flags.js'
import type { RunFlags } from './run-options.js'

/** The flags of `pype run`. */
export type RunCommandFlags = RunFlags & BackfillFlags & DisplayFlags & { readonly watch?: boolean }

/** A run that is to be started and shown. */
export interface ShownRun {
  readonly job: string
  readonly folder: string
  readonly options: RunOptions
  readonly flags: RunCommandFlags
  readonly display: Display
}
