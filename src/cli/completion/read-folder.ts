import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isObject } from '../../core/json.js'

/** What is in a folder, by name; nothing where there is none. */
export function listFolder(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)) : []
}

/** The object that a file of JSON holds. Undefined: there is none. */
export function readObject(file: string): { readonly [key: string]: unknown } | undefined {
  if (!existsSync(file)) return undefined
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return isObject(value) ? value : undefined
}
