import { chmodSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
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

/**
 * Does what a page of the docs shows, from its top to its end: a block that is titled with the name of a file is written, each
 * `pype` command in a block of shell runs and ends with 0 (or with what its comment says: `# exit 1`), and a block that is
 * titled `FILE (result)` is what stands in that file by then. A block titled `(output)` is what the last command has printed,
 * stderr first; `…` stands there for any text, and on a line of its own for any lines. A `chmod` is done too.
 */
export async function playPage(page: string, project: PypeProject): Promise<void> {
  let output = ''
  for (const { language, title, text } of blocksOf(readText(page))) {
    const result = /^(\S+) \(result\)$/.exec(title)?.[1]
    if (result !== undefined) expect(project.read(result), `${page}: ${result}`).toBe(text)
    else if (title === '(output)') expect(output.replaceAll(/ +$/gm, ''), `${page}: ${output}`).toMatch(toPattern(text))
    else if (title !== '') project.write(title, text)
    else if (language === 'sh') output = await runCommands(page, text, project)
  }
}

/** What the last of the commands has printed. */
async function runCommands(page: string, text: string, project: PypeProject): Promise<string> {
  let output = ''
  for (const line of text.split('\n').filter((each) => /^(pype|chmod) /.test(each))) {
    const [command = '', comment = ''] = line.split(/ +# /)
    const [, mode, file] = /^chmod (\d+) (\S+)$/.exec(command) ?? []
    if (mode !== undefined && file !== undefined) {
      chmodSync(path.join(project.folder, file), Number.parseInt(mode, 8))
      continue
    }
    const expected = Number(/^exit (\d+)/.exec(comment)?.[1] ?? 0)
    const { code, stdout, stderr } = await project.pype(wordsOf(command).slice(1))
    expect(code, `${page}: ${command}\n${stderr}`).toBe(expected)
    output = `${stderr}${stdout}`
  }
  return output
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
