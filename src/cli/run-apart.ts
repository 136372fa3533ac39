import { spawn } from 'node:child_process'
import type { ApartEnd } from '../testing/rehearse/run-case.js'

/** Runs a case of a test in a process of its own, by the command `test-case`; when the signal aborts it is told to end. Throws the reason then. */
export function runApart(caseFolder: string, signal: AbortSignal): Promise<ApartEnd> {
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [program, 'test-case', caseFolder], {
    // It ends when its input does: when this process is killed too.
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  // Asked and not forced: what its nodes have started ends with it.
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise<ApartEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (_, killedBy) => {
      if (signal.aborted) reject(signal.reason)
      else resolve({ wasKilled: killedBy === 'SIGKILL', stderr })
    })
  }).finally(() => signal.removeEventListener('abort', stop))
}
