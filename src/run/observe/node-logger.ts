import type { Emit } from '../../core/events.js'
import type { FramePath } from '../../core/frame.js'
import type { Logger } from '../../sdk/context.js'

/** A logger for the code of a module: its lines are events that bear the node and the frame. */
export function createNodeLogger(emit: Emit, node: string, frame: FramePath): Logger {
  const log =
    (level: 'debug' | 'info' | 'warn' | 'error'): Logger['info'] =>
    (message, fields) =>
      emit({ type: 'log', level, message, node, frame, ...(fields === undefined ? {} : { fields }) })
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}
