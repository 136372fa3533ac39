import { OVERLAP_POLICIES, ROW_COUNTS, type Settings } from '../../core/dag.js'
import { nearest } from '../../core/errors.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import { SCHEMA_POLICIES } from '../../core/schema-lock.js'
import { DEFAULT_SETTINGS, SETTING_NAMES } from '../../core/settings.js'
import { type Findings, suggestName } from '../findings.js'

/** Reads the settings and fills in their defaults. Types and ranges were checked against the schema of flows. */
export function loadSettings(value: FlowValue | undefined, findings: Findings): Settings {
  if (value?.kind !== 'map') return DEFAULT_SETTINGS
  for (const entry of value.entries) checkSetting(entry, findings)
  const given = new Map(value.entries.map((entry) => [entry.key, scalarOf(entry.value)]))
  const numberOf = <T>(name: string, otherwise: T): number | T => {
    const found = given.get(name)
    return typeof found === 'number' ? found : otherwise
  }
  const textOf = <T>(name: string, otherwise: T): string | T => {
    const found = given.get(name)
    return typeof found === 'string' ? found : otherwise
  }
  return {
    timeout: numberOf('timeout', DEFAULT_SETTINGS.timeout),
    retries: numberOf('retries', DEFAULT_SETTINGS.retries),
    retry_delay: numberOf('retry_delay', DEFAULT_SETTINGS.retry_delay),
    fail_strategy: given.get('fail_strategy') === 'continue' ? 'continue' : 'halt',
    execution_mode: 'local',
    threads: numberOf('threads', DEFAULT_SETTINGS.threads),
    time_zone: textOf('time_zone', DEFAULT_SETTINGS.time_zone),
    spill_threshold_rows: numberOf('spill_threshold_rows', DEFAULT_SETTINGS.spill_threshold_rows),
    max_ram_share: numberOf('max_ram_share', DEFAULT_SETTINGS.max_ram_share),
    memory_limit: textOf('memory_limit', DEFAULT_SETTINGS.memory_limit),
    spill_dir: textOf('spill_dir', DEFAULT_SETTINGS.spill_dir),
    on_overlap: OVERLAP_POLICIES.find((policy) => policy === given.get('on_overlap')) ?? DEFAULT_SETTINGS.on_overlap,
    keep_runs: numberOf('keep_runs', DEFAULT_SETTINGS.keep_runs),
    keep_resumable: numberOf('keep_resumable', DEFAULT_SETTINGS.keep_resumable),
    schema: SCHEMA_POLICIES.find((policy) => policy === given.get('schema')) ?? DEFAULT_SETTINGS.schema,
    row_counts: ROW_COUNTS.find((counts) => counts === given.get('row_counts')) ?? DEFAULT_SETTINGS.row_counts,
  }
}

function checkSetting({ key, keyAt, value }: FlowEntry, findings: Findings): void {
  if (!SETTING_NAMES.includes(key)) {
    findings.warn(
      'UNKNOWN_SETTING',
      keyAt,
      `There is no setting ${JSON.stringify(key)}; it has no effect.`,
      suggestName(key, SETTING_NAMES, `known are: ${SETTING_NAMES.join(', ')}`),
    )
  }
  const found = scalarOf(value)
  if (key === 'execution_mode' && found === 'spark') {
    findings.error(
      'ENGINE_UNAVAILABLE',
      value.at,
      'The execution mode "spark" is reserved for an engine that does not exist yet.',
      'write `execution_mode: local`',
    )
  }
  if (key === 'time_zone' && typeof found === 'string') checkTimeZone(found, value, findings)
}

function checkTimeZone(name: string, value: FlowValue, findings: Findings): void {
  if (!/^[+-]/.test(name) && isTimeZone(name)) return
  const near = nearest(name, Intl.supportedValuesOf('timeZone'))
  findings.error(
    'SETTING_INVALID',
    value.at,
    `There is no time zone ${JSON.stringify(name)}; a name such as UTC or Europe/Berlin is expected.`,
    near === undefined ? undefined : `did you mean "${near}"?`,
  )
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function scalarOf(value: FlowValue): null | boolean | number | string {
  return value.kind === 'scalar' ? value.value : null
}
