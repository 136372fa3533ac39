import { isatty } from 'node:tty'

/**
 * Calls `hear` when the terminal of the command closes. A command that has none goes on: so does one behind `nohup`, which has the signal ignored, but
 * Node.js has undone that before any code of ours runs.
 */
export function onHangUp(hear: () => void): void {
  const isAtTerminal = [0, 1, 2].some((stream) => isatty(stream))
  process.on('SIGHUP', () => {
    if (isAtTerminal) hear()
  })
}
