import { stringify } from 'yaml'
import { wrapText } from '../../core/wrap-text.js'
import { describeConfig } from '../../registry/config-check.js'
import { type PortSpec, readPort } from '../../registry/ports.js'
import type { ConfigSpec, ModuleDefinition } from '../../sdk/define-module.js'
import { TEXT_WIDTH } from './module-table.js'

const LONGEST_VALUE = 50

/** One module for a reader: what it does, its ports, configs, globals, and a part of a flow that uses it; text is broken at `columns`, or 80. */
export function formatModulePage(module: ModuleDefinition, origin: string, columns: number): string {
  const width = Math.min(columns, TEXT_WIDTH)
  const { required, optional } = module.config
  return [
    `${module.name} ${module.version}  (${module.type}, ${module.category}, ${origin})`,
    wrapText(module.description, { columns: width }),
    ...formatPorts(module),
    ...formatConfigs('Required configs', required, width),
    ...formatConfigs('Optional configs', optional, width),
    ...formatGlobals(module, width),
    ...(module.packages.length === 0 ? [] : ['', 'Packages', `  ${module.packages.join(', ')}`]),
    '',
    'Example',
    ...indent(exampleFlow(module).trimEnd().split('\n'), 2),
  ].join('\n')
}

/** The parts of a flow that use the module, as YAML: all required configs, or an optional one where there are none. */
export function exampleFlow(module: ModuleDefinition): string {
  const configs = exampleConfigs(module)
  const node = { id: module.name, name: module.name, ...(Object.keys(configs).length === 0 ? {} : { configs }) }
  const inputs = module.inputPorts.map(readPort).flatMap(({ name, kind }) => (kind === 'many' ? [name, `${name}1`] : [name]))
  const data = [
    ...inputs.map((port) => `${inputs.length === 1 ? 'before_it' : `before_${port}`}.data - ${module.name}.${port}`),
    ...module.outputPorts.slice(0, 1).map((port) => `${module.name}.${port} - after_it.input`),
  ]
  const control = module.type === 'solo' ? [`${module.name} (1|${exampleValve(module)}) after_it`] : []
  return stringify({ modules: [node], connections: { data, control } }, { lineWidth: 0 })
}

/** Optional configs may contradict each other, so the first one that can stand alone is taken. */
function exampleConfigs({ config: { required, optional }, check }: ModuleDefinition): { readonly [name: string]: unknown } {
  const all = Object.entries(required).map(([name, spec]) => [name, spec.example])
  if (all.length > 0) return Object.fromEntries(all)
  const single = Object.entries(optional).map(([name, spec]) => ({ [name]: spec.example }))
  return single.find((configs) => check === undefined || check(configs, Object.keys(configs)).length === 0) ?? {}
}

function exampleValve({ name, items }: ModuleDefinition): string {
  if (items === true) return 'iterate'
  // Nothing ever comes after its success.
  return name === 'fail' ? 'error' : ''
}

function formatPorts({ inputPorts, outputPorts }: ModuleDefinition): string[] {
  if (inputPorts.length + outputPorts.length === 0) return []
  const lines = inputPorts.map(readPort).map((port) => `  in   ${port.name}${portNote(port)}`)
  return ['', 'Ports', ...lines, ...outputPorts.map((port) => `  out  ${port}`)]
}

function portNote({ name, kind }: PortSpec): string {
  if (kind === 'open') return '  (may stay open)'
  return kind === 'many' ? `  (takes several: ${name}, ${name}1, ${name}_left, …)` : ''
}

function formatConfigs(title: string, specs: { readonly [name: string]: ConfigSpec }, width: number): string[] {
  const entries = Object.entries(specs)
  if (entries.length === 0) return []
  return ['', title, ...entries.flatMap(([name, spec]) => formatConfig(name, spec, width))]
}

function formatConfig(name: string, spec: ConfigSpec, width: number): string[] {
  const byDefault = spec.default === undefined || spec.default === null ? '' : `; default ${formatValue(spec.default)}`
  const example = `e.g. ${formatValue(spec.example)}`
  return [
    formatItem(2, `${name}: ${describeConfig(spec)}${byDefault}`, width),
    formatItem(6, spec.description, width),
    ...indent([example], 6),
  ]
}

function formatGlobals({ name, globals, dynamicGlobals, items }: ModuleDefinition, width: number): string[] {
  const lines = Object.entries(globals).map(([global, { type, description }]) =>
    formatItem(2, `{{${name}__${global}}}  ${type}  ${description}`, width),
  )
  if (dynamicGlobals !== undefined) lines.push('  more by its configs')
  const section = lines.length === 0 ? [] : ['', 'Globals (with the id of the node before `__`)', ...lines]
  return items === true ? [...section, '', 'Items', '  gives the list of an `iterate` connection: {{iter.item}}'] : section
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

/** A text behind so many blanks; its further lines have six. */
function formatItem(blanks: number, text: string, width: number): string {
  return ' '.repeat(blanks) + wrapText(text, { columns: width, lead: blanks, indent: 6 })
}

function indent(lines: readonly string[], blanks: number): string[] {
  return lines.map((line) => (line === '' ? line : ' '.repeat(blanks) + line))
}
