import { nearest } from '../../core/errors.js'
import type { FlowEntry, FlowModule, FlowValue } from '../../core/flow.js'
import type { Findings } from '../findings.js'

/** Configs may stand in maps of these names. */
export const GROUPS: readonly string[] = ['required', 'optional']

/** The configs of both forms, flat. The presence of `required` or `optional` makes the form nested. */
export function loadConfigs(value: FlowValue | undefined, findings: Findings): Pick<FlowModule, 'configs' | 'configsAreWhole'> {
  if (value === undefined || isNothing(value)) return { configs: [], configsAreWhole: true }
  // That it has to be a map was said of the shape of the file.
  if (value.kind !== 'map') return { configs: [], configsAreWhole: false }
  const isGroup = ({ key }: FlowEntry) => GROUPS.includes(key)
  const groups = value.entries.filter(isGroup)
  if (groups.length === 0) return { configs: value.entries, configsAreWhole: true }
  const beside: FlowEntry[] = []
  for (const entry of value.entries.filter((each) => !isGroup(each))) {
    const { key, keyAt } = entry
    const group = nearest(key, GROUPS)
    if (entry.value.kind === 'map' && group !== undefined && !groups.some((each) => each.key === group)) {
      findings.error('UNKNOWN_KEY', keyAt, `The key ${JSON.stringify(key)} is not known in \`configs\`.`, `did you mean "${group}"?`)
      groups.push({ ...entry, key: group })
      continue
    }
    beside.push(entry)
    findings.error(
      'UNKNOWN_KEY',
      keyAt,
      `${JSON.stringify(key)} stands beside \`required\` or \`optional\`.`,
      'put it into one of the two, or write all configs flat',
    )
  }
  let isWhole = true
  const configs = new Map<string, FlowEntry>()
  for (const { key: group, value: entries } of groups) {
    if (isNothing(entries)) continue
    if (entries.kind !== 'map') {
      isWhole = false
      findings.error(
        'SCHEMA',
        entries.at,
        `\`configs.${group}\` has to be a map.`,
        `a config that is itself called ${group} stands inside of \`required\` or \`optional\``,
      )
      continue
    }
    for (const entry of entries.entries) {
      if (configs.has(entry.key))
        findings.error('DUPLICATE_KEY', entry.keyAt, `The config ${JSON.stringify(entry.key)} stands twice.`, 'remove one of the two')
      configs.set(entry.key, entry)
    }
  }
  // Read on with what was meant.
  for (const entry of beside) if (!configs.has(entry.key)) configs.set(entry.key, entry)
  return { configs: [...configs.values()], configsAreWhole: isWhole }
}

function isNothing(value: FlowValue): boolean {
  return value.kind === 'scalar' && value.value === null
}
