import { once } from 'node:events'
import { createServer } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type Server, startServer } from './start-server.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A port of this machine that answers with that of the PostgreSQL server, which the first question starts. */
    postgresDesk: number
  }
}

/** Lets the test files of a run share one PostgreSQL server, started when the first of them asks for it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<Server> | undefined
  const desk = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    started ??= startServer()
    started.then(
      ({ port }) => connection.end(JSON.stringify({ port })),
      (error: unknown) => connection.end(JSON.stringify({ error: String(error) })),
    )
  })
  await once(desk.listen(0, '127.0.0.1'), 'listening')
  const address = desk.address()
  if (typeof address !== 'object' || address === null) throw new Error('The desk of the PostgreSQL server has no port.')
  project.provide('postgresDesk', address.port)
  return async () => {
    desk.close()
    await (await started?.catch(() => undefined))?.stop()
  }
}
