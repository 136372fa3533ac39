import { spawn } from 'node:child_process'
import type { ApartEnd } from '../testing/rehearse/run-case.js'

/** Runs a case of a test in a process of its own, by the command `test-case`; it is killed when the signal aborts. */
export function runApart(caseFolder: string, signal: AbortSignal): Promise<ApartEnd> {
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [program, 'test-case', caseFolder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(signal.aborted ? signal.reason : error))
    child.once('close', (_, killedBy) => resolve({ wasKilled: killedBy === 'SIGKILL', stderr }))
  })
}
