import { formatQuantity } from '../../core/quantity.js'
import { wrapText } from '../../core/wrap-text.js'
import type { RegistryEntry } from '../../registry/registry-file.js'

/** A registry entry with its name and where it comes from. */
export interface ListedModule extends RegistryEntry {
  readonly name: string
  readonly origin: 'built-in' | 'project'
}

/** Columns of running text: longer lines are hard to read. */
export const TEXT_WIDTH = 80

/** All modules by category; no line is longer than `columns`, or 80, unless a name is. */
export function formatModuleTable(modules: readonly ListedModule[], columns: number): string {
  const width = Math.min(columns, TEXT_WIDTH)
  const nameWidth = Math.min(Math.max(0, ...modules.map(({ name }) => name.length)), 30)
  const categories = [...new Set(modules.map(({ category }) => category))].sort()
  const sections = categories.map((category) => {
    const rows = modules
      .filter((module) => module.category === category)
      .map(({ name, type, description, origin }) => {
        const text = origin === 'project' ? `${description} [project]` : description
        const lead = `  ${name.padEnd(nameWidth)}  ${type.padEnd(6)}  `
        return lead + wrapText(text, { columns: width, lead: lead.length, indent: lead.length })
      })
    return [category, ...rows].join('\n')
  })
  return [...sections, `${formatQuantity(modules.length, 'module')}. \`pype list-modules NAME\` shows one in detail.`].join('\n\n')
}
