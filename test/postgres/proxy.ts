import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What the proxy does with a statement: sends it on, cuts the connection before it, or lets it be done and cuts before its answer;
 * or else is away from then on.
 */
export type Fault = 'pass' | 'cut before' | 'cut after' | 'leave before' | 'leave after'

/** A TCP proxy before a PostgreSQL server that reads the statements that go by. */
export class PostgresProxy {
  /** Decides on each statement, by its text; copied data counts as `COPY DATA`. */
  decide: (statement: string) => Fault = () => 'pass'
  /** The statements that went by. */
  readonly statements: string[] = []
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  #isAway = false

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target
    this.#server = createServer((client) => this.#join(client))
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(target)
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('The proxy has no port.')
    return address.port
  }

  /** From now on every connection is cut as soon as it is made, and those that are there. */
  leave(): void {
    this.#isAway = true
    for (const socket of this.#sockets) socket.destroy()
  }

  comeBack(): void {
    this.#isAway = false
  }

  async stop(): Promise<void> {
    this.leave()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    if (this.#isAway) {
      client.destroy()
      return
    }
    const server = connect(this.#target.port, this.#target.host)
    const pair = [client, server]
    let fault: Fault = 'pass'
    const cut = () => {
      for (const socket of pair) socket.destroy()
      if (fault.startsWith('leave')) this.leave()
    }
    for (const socket of pair) {
      this.#sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        cut()
      })
    }
    server.on('data', (bytes) => {
      // The answer is there, so what was asked for is done; nobody hears of it.
      if (fault.endsWith('after')) cut()
      else client.write(bytes)
    })
    const messages = new Messages()
    client.on('data', (bytes) => {
      for (const raw of messages.take(bytes)) {
        const statement = statementOf(raw)
        if (statement !== undefined) fault = this.#look(statement)
        if (fault.endsWith('before')) return cut()
        server.write(raw)
      }
    })
  }

  #look(statement: string): Fault {
    if (statement !== 'COPY DATA') this.statements.push(statement)
    return this.decide(statement)
  }
}

/** Cuts what a client sends into the messages of the protocol. */
class Messages {
  #rest = Buffer.alloc(0)
  #hasStarted = false

  take(bytes: Uint8Array): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const messages: Buffer[] = []
    for (;;) {
      // The first message has no kind.
      const head = this.#hasStarted ? 1 : 0
      if (this.#rest.length < head + 4) return messages
      const length = head + this.#rest.readInt32BE(head)
      if (this.#rest.length < length) return messages
      messages.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
      this.#hasStarted = true
    }
  }
}

/** The first message begins with its length, whose first byte is 0. */
function statementOf(raw: Buffer): string | undefined {
  const kind = String.fromCharCode(raw[0] ?? 0)
  const texts = raw.subarray(5).toString('utf8').split('\0')
  if (kind === 'Q') return texts[0]
  if (kind === 'P') return texts[1]
  return kind === 'd' ? 'COPY DATA' : undefined
}
