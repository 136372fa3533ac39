import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The command as users call it: the compiled program behind its stub. */
export const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with files in it where the command can be called. It goes when the test ends. */
export interface PypeProject {
  readonly folder: string
  pype(args: readonly string[], options?: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string }): Promise<Ended>
  write(file: string, content: string): void
  read(file: string): string
}

/** Makes a project from file contents by path. */
export function createProject(files: { readonly [file: string]: string } = {}): PypeProject {
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const write = (file: string, content: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), content)
  }
  for (const [file, content] of Object.entries(files)) write(file, content)
  return {
    folder,
    write,
    read: (file) => readFileSync(path.join(folder, file), 'utf8'),
    pype: (args, { env = {}, cwd = '' } = {}) => runPype(args, path.join(folder, cwd), env),
  }
}

/** The summary that `pype run --json` prints: its last line. */
export function readSummary<T>(stdout: string): T {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

/** Calls the command and waits for its end. */
export function runPype(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PYPE, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
