import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, type Place, PypeError } from '../core/errors.js'
import type { ModuleDefinition } from '../sdk/define-module.js'
import { checkModule, isModule } from './check-module.js'

/** The endings that a module file may have. */
export const MODULE_ENDINGS = ['.ts', '.mts', '.js', '.mjs'] as const

/** Loads a module file and checks what it exports. Throws MODULE_GONE or MODULE_INVALID with every fault. */
export async function importModule(file: string): Promise<ModuleDefinition> {
  const exported = await importDefault(file)
  if (isModule(exported, file)) return exported
  const faults = checkModule(exported, file).map((fault) => `\n  - ${fault}`)
  throw new PypeError('MODULE_INVALID', `${file} does not define a module as it should:${faults.join('')}`, {
    hint: 'see "Writing a module" in the README; `pype list-modules filter_mod` shows a sound one',
  })
}

/** SHA-256 of a module file, in hex. Throws MODULE_GONE. */
export async function hashModule(file: string): Promise<string> {
  const content = await readFile(file).catch((error: unknown) => {
    throw moduleGone(file, error)
  })
  return createHash('sha256').update(content).digest('hex')
}

/** The error of a module file that is not where it should be. */
export function moduleGone(file: string, cause?: unknown): PypeError {
  return new PypeError('MODULE_GONE', `The module file ${file} does not exist or cannot be read.`, {
    hint: 'put the file back, or run `pype auto-register` and build the flow again',
    cause,
  })
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const imported: unknown = isTypeScript(file) ? await importTypeScript(file) : await importJavaScript(file)
    return typeof imported === 'object' && imported !== null && 'default' in imported ? imported.default : undefined
  } catch (error) {
    throw new PypeError('MODULE_INVALID', `${file} cannot be loaded: ${firstLine(error)}`, {
      cause: error,
      at: placeOf(error),
      hint: hintFor(error),
    })
  }
}

async function importJavaScript(file: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ pathToFileURL(file).href)
  } catch (error) {
    // A project needs no install of pypeline: the loader of TypeScript gives it our own SDK.
    if (error instanceof Error && /Cannot find package 'pypeline'/.test(error.message)) return importTypeScript(file)
    throw error
  }
}

/** Loads TypeScript as it is: enums, parameter properties and imports of sibling files included. */
async function importTypeScript(file: string): Promise<unknown> {
  const [{ createJiti }, sdk] = await Promise.all([import('jiti'), import('../sdk/sdk.js')])
  const jiti = createJiti(import.meta.url, {
    interopDefault: false,
    moduleCache: false,
    // Compiled code in a folder that others may write to must not be run.
    fsCache: false,
    virtualModules: { 'pypeline/sdk': sdk },
  })
  return jiti.import(file)
}

function isTypeScript(file: string): boolean {
  return /\.m?ts$/.test(path.extname(file))
}

function firstLine(error: unknown): string {
  return (messageOf(error).split('\n', 1)[0] ?? '').trim()
}

/** Where the parser stopped, in `file` or in one that it imports: it says so on its second line, with columns from 0. */
function placeOf(error: unknown): Place | undefined {
  const found = error instanceof Error ? /^ParseError: .*\n\s*(.+):(\d+):(\d+)\s*$/.exec(error.message) : null
  if (found === null) return undefined
  const [, file = '', line, column] = found
  return { file, line: Number(line), column: Number(column) + 1 }
}

function hintFor(error: unknown): string | undefined {
  const name = error instanceof Error ? /Cannot find (?:package|module) '([^'./][^']*)'/.exec(error.message)?.[1] : undefined
  return name === undefined ? undefined : `\`npm install ${name}\` in the project's folder`
}
