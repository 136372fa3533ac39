import { spawn, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { PYPE } from '../pype-project.js'
import { FakeTerminal } from './fake-terminal.js'

/** Whether there is `script` of util-linux, which gives a program a terminal. */
export const HAS_SCRIPT = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true

/** The command on a terminal of its own. */
export interface OnTerminal {
  /** All that it has written, as it was written. */
  readonly output: () => string
  /** Waits until it has written this. Throws when it ends without. */
  readonly see: (text: string | RegExp) => Promise<void>
  readonly type: (text: string) => void
  /** Closes the terminal, the window of which is gone. */
  readonly close: () => void
  /** Exit code, and what stands on the terminal in the end. */
  readonly ended: Promise<{ readonly code: number | null; readonly terminal: FakeTerminal }>
}

/** Calls pype on a terminal of that size. */
export function runOnTerminal(
  args: readonly string[],
  {
    cwd,
    columns,
    rows,
    env = {},
  }: { readonly cwd: string; readonly columns: number; readonly rows: number; readonly env?: NodeJS.ProcessEnv },
): OnTerminal {
  const words = [process.execPath, PYPE, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`)
  const command = `stty cols ${columns} rows ${rows}; exec ${words.join(' ')}`
  const { CI: _, NO_COLOR: __, FORCE_COLOR: ___, ...inherited } = process.env
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    cwd,
    env: { ...inherited, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const terminal = new FakeTerminal(columns, rows, true)
  let output = ''
  let heard = () => {}
  let hasEnded = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    heard()
  })
  const ended = new Promise<{ code: number | null; terminal: FakeTerminal }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      hasEnded = true
      terminal.write(output)
      heard()
      resolve({ code, terminal })
    })
  })
  const see = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      heard = () => {
        if (typeof text === 'string' ? output.includes(text) : text.test(output)) resolve()
        else if (hasEnded) reject(new Error(`It ended without ${text}, and wrote:\n${output}`))
      }
      heard()
    })
  return { output: () => output, see, type: (text) => child.stdin.write(text), close: () => child.kill('SIGKILL'), ended }
}
