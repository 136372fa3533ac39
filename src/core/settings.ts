import type { Settings } from './dag.js'

/** What a flow gets for the settings that it leaves out. */
export const DEFAULT_SETTINGS: Settings = {
  timeout: null,
  retries: 0,
  retry_delay: 1,
  fail_strategy: 'halt',
  execution_mode: 'local',
  threads: null,
  time_zone: 'UTC',
  spill_threshold_rows: 20_000_000,
  max_ram_share: 0.5,
  memory_limit: null,
  spill_dir: null,
  on_overlap: 'fail',
  keep_runs: 30,
  keep_resumable: 2,
  schema: 'freeze',
  row_counts: 'known',
}

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(DEFAULT_SETTINGS)
