import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import type { Server } from '../../postgres/start-server.js'
import { writeFile } from './place.js'
import { SECRETS } from './tables.js'
import type { Answer, Orders } from './worker/task.js'
import type { Weakness } from './worker/weaken-disk.js'

const TESTS = fileURLToPath(new URL('..', import.meta.url))
/** What the worker is made of. */
const PARTS = ['resume/worker', 'power', 'interrupt'] as const
/** The built program. */
export const DIST = fileURLToPath(new URL('../../../dist', import.meta.url))

/** Translates the worker into a folder, for plain Node and for a build of the program. */
export function compileWorker(folder: string, dist = DIST): Worker {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true }
  for (const file of PARTS.flatMap((part) => readdirSync(path.join(TESTS, part)).map((name) => path.join(part, name)))) {
    const text = readFileSync(path.join(TESTS, file), 'utf8').replaceAll(/'(\.\.\/)+src\//g, `'${pathToFileURL(dist).href}/src/`)
    writeFile(folder, file.replace(/\.ts$/, '.js'), ts.transpileModule(text, { compilerOptions }).outputText)
  }
  return { entry: path.join(folder, 'resume', 'worker', 'worker.js') }
}

/** How the program is started, and what it lacks. */
export interface Worker {
  readonly entry: string
  readonly weakness?: Weakness
  /** A commit of a database takes a second on the server. */
  readonly slow?: boolean
  /** Where flows with databases find them. */
  readonly server?: Server
  /** No file can become larger, in bytes. Linux only. */
  readonly fileSize?: number
}

/** What a process came to. */
export interface Outcome {
  readonly answers: readonly Answer[]
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly stderr: string
}

/** Starts a worker and waits for its end. */
export function runWorker({ entry, weakness, slow, fileSize }: Worker, orders: Omit<Orders, 'weakness'>): Promise<Outcome> {
  // The worker takes parts of the program, which only its files apart have: the built-in modules must find the same ones.
  const command = [process.execPath, '--conditions=unbundled', entry, JSON.stringify({ ...orders, weakness, slow })] as const
  const [program, ...args] = fileSize === undefined ? command : (['prlimit', `--fsize=${fileSize}`, ...command] as const)
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], UV_THREADPOOL_SIZE: '4', ...SECRETS },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const answers = stdout.split('\n').flatMap((line): Answer[] => (line === '' ? [] : [JSON.parse(line)]))
      resolve({ answers, signal, code, stderr })
    })
  })
}
