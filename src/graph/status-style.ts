import type { HistoryStatus, ProgressStatus } from '../core/run-progress.js'

/** A mark for each status, so that nobody has to tell colours apart. */
export const STATUS_MARKS: { readonly [status in ProgressStatus]: string } = {
  completed: '✓',
  failed: '✗',
  skipped: '»',
  blocked: '⊘',
  cancelled: '■',
  running: '▶',
  killed: '†',
  'not begun': '·',
}

/** The colour of what came of a run, a sub flow or a node on a terminal: one that can be read on a light and on a dark background, which yellow, cyan and white cannot. */
export const STATUS_COLORS = {
  completed: 'green',
  failed: 'red',
  skipped: 'dim',
  blocked: 'magenta',
  cancelled: 'magenta',
  running: 'bold',
  killed: 'magenta',
  superseded: 'magenta',
  'not begun': 'dim',
} as const satisfies { readonly [status in ProgressStatus | HistoryStatus]: string }
