import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A running PostgreSQL server. */
export interface Server {
  readonly host: string
  readonly port: number
  /** Ends the server and deletes its data. */
  stop(): Promise<void>
}

export const USER = 'postgres'
export const PASSWORD = 'only-for-tests'

/** Starts a PostgreSQL server of its own. It ends with this process, also when that one is killed. */
export async function startServer(): Promise<Server> {
  // In a group of its own: a Ctrl-C in the terminal reaches only whoever started it, and the end of that closes its input.
  const child = spawn(process.execPath, [fileURLToPath(new URL('server-process.mjs', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const exited = once(child, 'exit')
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += String(chunk)
  })
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'close').then(() => Promise.reject(new Error(`The PostgreSQL server for the tests did not start.\n${output}`))),
  ])
  const { port }: { readonly port: number } = JSON.parse(String(line))
  return {
    host: '127.0.0.1',
    port,
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
