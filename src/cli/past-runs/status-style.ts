import type { HistoryStatus, ProgressStatus } from '../../core/run-progress.js'
import type { Color } from '../open-paint.js'

/** The colour of what came of a run, a sub flow or a node. */
export const STATUS_COLORS: { readonly [status in ProgressStatus | HistoryStatus]: Color } = {
  completed: 'green',
  failed: 'red',
  skipped: 'dim',
  blocked: 'yellow',
  cancelled: 'yellow',
  running: 'cyan',
  killed: 'magenta',
  superseded: 'magenta',
  'not begun': 'dim',
}
