import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import type { PypeProject } from '../cli/pype-project.js'

interface Block {
  readonly language: string
  /** What stands behind the language: the name of a file, or `FILE (result)`. */
  readonly title: string
  readonly text: string
}

/** A file of this repository. */
export function readText(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')
}

/** What the commands of a page have set up for those that follow. */
interface Shell {
  readonly env: { [name: string]: string }
  /** Where the server of the page listens. */
  address: string | undefined
}

/**
 * Does what a page of the docs shows, from its top to its end: a block that is titled with the name of a file is written, each
 * `pype` command in a block of shell runs and ends with 0 (or with what its comment says: `# exit 1`), and a block that is
 * titled `FILE (result)` is what stands in that file by then. A block titled `(output)` is what the last command has printed,
 * stderr first; `…` stands there for any text, and on a line of its own for any lines. A `chmod` and an `export` are done too.
 * `node FILE &` starts a server, which prints where it listens: that address stands for any of `localhost` that is exported.
 */
export async function playPage(page: string, project: PypeProject): Promise<void> {
  let output = ''
  const shell: Shell = { env: {}, address: undefined }
  for (const { language, title, text } of blocksOf(readText(page))) {
    const result = /^(\S+) \(result\)$/.exec(title)?.[1]
    if (result !== undefined) expect(project.read(result), `${page}: ${result}`).toBe(text)
    else if (title === '(output)') expect(output.replaceAll(/ +$/gm, ''), `${page}: ${output}`).toMatch(toPattern(text))
    else if (title !== '') project.write(title, text)
    else if (language === 'sh') output = await runCommands(page, text, project, shell)
  }
}

/** What the last of the commands has printed. */
async function runCommands(page: string, text: string, project: PypeProject, shell: Shell): Promise<string> {
  let output = ''
  for (const line of text.split('\n')) {
    const [command = '', comment = ''] = line.split(/ +# /)
    const words = wordsOf(command)
    if (words[0] === 'chmod') chmodSync(path.join(project.folder, words[2] ?? ''), Number.parseInt(words[1] ?? '', 8))
    else if (words[0] === 'node') shell.address = await startServer(words[1] ?? '', project.folder)
    else if (words[0] === 'export') setVariable(words[1] ?? '', shell)
    else if (words[0] === 'pype') {
      const expected = Number(/^exit (\d+)/.exec(comment)?.[1] ?? 0)
      const { code, stdout, stderr } = await project.pype(words.slice(1), { env: shell.env })
      expect(code, `${page}: ${command}\n${stderr}`).toBe(expected)
      output = `${stderr}${stdout}`
    }
  }
  return output
}

/** Starts a server on a free port, and gives its address: the first line that it prints. It ends with the test. */
async function startServer(file: string, cwd: string): Promise<string> {
  const server = spawn(process.execPath, [file], { cwd, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    if (server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill()
    await ended
  })
  for await (const line of createInterface(server.stdout)) return line
  throw new Error(`${file} ended before it listened.`)
}

function setVariable(assignment: string, { env, address }: Shell): void {
  const [name = '', value = ''] = assignment.split(/=(.*)/s)
  env[name] = value.replace(/^http:\/\/localhost:\d+/, address ?? '$&')
}

function toPattern(shown: string): RegExp {
  const lines = shown.split('\n').map((line) => (line === '…' ? '[^]*?' : line.split('…').map(escapePattern).join('.*?')))
  return new RegExp(`^${lines.join('\n').replaceAll('[^]*?\n', '[^]*?')}$`)
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```([a-z]+)(?: (.+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', title = '', text = '']) => ({
    language,
    title,
    text,
  }))
}

/** The words of a command, with quotes taken off as a shell does. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|"[^"]*"|\S)+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'))
}
