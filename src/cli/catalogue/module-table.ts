import { formatQuantity } from '../../core/quantity.js'
import type { RegistryEntry } from '../../registry/registry-file.js'

/** A registry entry with its name and where it comes from. */
export interface ListedModule extends RegistryEntry {
  readonly name: string
  readonly origin: 'built-in' | 'project'
}

/** Wide enough for any terminal, and for a page of docs. */
const WIDTH = 80

/** All modules by category; no line is longer than 80 columns unless a name is. */
export function formatModuleTable(modules: readonly ListedModule[]): string {
  const nameWidth = Math.min(Math.max(0, ...modules.map(({ name }) => name.length)), 30)
  const indent = ' '.repeat(2 + nameWidth + 2 + 'source'.length + 2)
  const categories = [...new Set(modules.map(({ category }) => category))].sort()
  const sections = categories.map((category) => {
    const rows = modules
      .filter((module) => module.category === category)
      .map(({ name, type, description, origin }) => {
        const text = origin === 'project' ? `${description} [project]` : description
        const [first = '', ...rest] = wrapWords(text, WIDTH - indent.length)
        return [`  ${name.padEnd(nameWidth)}  ${type.padEnd(6)}  ${first}`, ...rest.map((line) => indent + line)].join('\n')
      })
    return [category, ...rows].join('\n')
  })
  return [...sections, `${formatQuantity(modules.length, 'module')}. \`pype list-modules NAME\` shows one in detail.`].join('\n\n')
}

/** Breaks a text at blanks into lines of at most `width` characters. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
