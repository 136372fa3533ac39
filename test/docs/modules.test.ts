import { expect, test } from 'vitest'
import { exampleFlow } from '../../src/cli/catalogue/module-page.js'
import { describeConfig } from '../../src/registry/config-check.js'
import { builtInRegistryFile, loadModule } from '../../src/registry/registry.js'
import { readRegistry } from '../../src/registry/registry-file.js'
import type { ConfigSpec, ModuleDefinition } from '../../src/sdk/define-module.js'

const TYPES = [
  ['source', 'Sources'],
  ['mod', 'Mods'],
  ['sink', 'Sinks'],
  ['solo', 'Solos'],
] as const

/** `npm run docs` writes the page anew: it runs this test with --update. */
test('docs/modules.md describes every built-in module as its code does', async () => {
  const entries = Object.values(await readRegistry(builtInRegistryFile()))
  const modules = await Promise.all(entries.map(({ module_path }) => loadModule(module_path, { projectFolders: [] })))
  modules.sort((a, b) => a.name.localeCompare(b.name))
  await expect(formatModules(modules)).toMatchFileSnapshot('../../docs/modules.md')
})

function formatModules(modules: readonly ModuleDefinition[]): string {
  const parts = TYPES.map(([type, title]) => ({ title, modules: modules.filter((module) => module.type === type) }))
  return `# Modules

The ${modules.length} built-in modules. \`pype list-modules NAME\` shows the same in the terminal, for modules of your own too.
How a flow uses them: [the flow language](flow-language.md). This page is written by \`npm run docs\`.

A port with \`?\` may stay open; one with \`*\` takes several connections, each by a name of its own (\`input\`, \`input1\`, \`input_left\`).
In a flow, \`{{NODE__global}}\` names a global of the node with that id.

${parts.map((part) => `* ${part.title}: ${part.modules.map(({ name }) => `[${name}](#${name})`).join(', ')}`).join('\n')}
${parts.map((part) => `\n## ${part.title}\n${part.modules.map(formatModule).join('')}`).join('')}`
}

function formatModule(module: ModuleDefinition): string {
  const { name, version, category, description, config, packages } = module
  const ports = [...module.inputPorts.map((port) => `in \`${port}\``), ...module.outputPorts.map((port) => `out \`${port}\``)]
  return `
### ${name}

${description}

Version ${version}, category ${category}. Ports: ${ports.join(', ') || 'none'}.${packages.length === 0 ? '' : ` Packages: ${packages.join(', ')}.`}
${formatConfigs('Required configs', config.required)}${formatConfigs('Optional configs', config.optional)}${formatGlobals(module)}
\`\`\`yaml
${exampleFlow(module).trimEnd()}
\`\`\`
`
}

function formatConfigs(title: string, specs: { readonly [name: string]: ConfigSpec }): string {
  const rows = Object.entries(specs).map(([name, spec]) => {
    const byDefault = spec.default === undefined || spec.default === null ? '' : formatValue(spec.default)
    return `| \`${name}\` | ${escapeBars(describeConfig(spec))} | ${byDefault} | ${escapeBars(spec.description)} | ${formatValue(spec.example)} |\n`
  })
  return rows.length === 0 ? '' : `\n| ${title} | type | default | | example |\n|---|---|---|---|---|\n${rows.join('')}`
}

function formatGlobals({ globals, dynamicGlobals, items }: ModuleDefinition): string {
  const rows = Object.entries(globals).map(([name, { type, description }]) => `| \`${name}\` | ${type} | ${escapeBars(description)} |\n`)
  if (dynamicGlobals !== undefined) rows.push('| by its configs | any | |\n')
  const table = rows.length === 0 ? '' : `\n| global | type | |\n|---|---|---|\n${rows.join('')}`
  return items === true ? `${table}\nIt gives the items of an \`iterate\` connection.\n` : table
}

function formatValue(value: unknown): string {
  return `\`${escapeBars(JSON.stringify(value))}\``
}

function escapeBars(text: string): string {
  return text.replaceAll('|', '\\|')
}
