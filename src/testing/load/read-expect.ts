import type { Findings } from '../../build/findings.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import type { TextSpan } from '../../core/source-text.js'
import { readRows } from './read-rows.js'
import { readFileContent } from './read-stand-in.js'
import { childOf, entriesOf, itemsOf, namedOf, textOf } from './read-value.js'
import type { ErrorSpec, ExpectedRowsSpec, ExpectSpec, FileContent, TestEntry } from './test-file.js'

/** Reads what is expected of a run. `nameAt` is the place of the case's name, for what stands nowhere. */
export function readExpect(value: FlowValue | undefined, nameAt: TextSpan, findings: Findings): ExpectSpec {
  const error = readError(value)
  const subFlows = entriesOf(childOf(value, 'sub_flows')).map((entry) => ({
    ...entry,
    value: namedOf(entry.value) ?? { text: '', at: entry.keyAt },
  }))
  const failed = subFlows.find((entry) => entry.value.text === 'failed')
  const status = childOf(value, 'status')
  const written = textOf(status)
  if (written === 'completed' && error !== undefined)
    findings.error('TEST_INVALID', error.at, 'A run that completes has no error.', 'expect `status: failed`, or no error')
  const isFailed = written === undefined ? error !== undefined || failed !== undefined : written === 'failed'
  return {
    status: isFailed ? 'failed' : 'completed',
    at: status?.at ?? error?.at ?? failed?.value.at ?? nameAt,
    error,
    subFlows,
    rows: entriesOf(childOf(value, 'rows')).map((entry) => ({ ...entry, value: readExpectedRows(entry, findings) })),
    globals: entriesOf(childOf(value, 'globals')),
    files: entriesOf(childOf(value, 'files')).map(readExpectedFile),
  }
}

function readError(value: FlowValue | undefined): ErrorSpec | undefined {
  const entry = entriesOf(value).find(({ key }) => key === 'error')
  if (entry === undefined) return undefined
  const part = (name: string) => namedOf(childOf(entry.value, name))
  return {
    at: entry.value.kind === 'scalar' ? entry.value.at : entry.keyAt,
    code: namedOf(entry.value) ?? part('code'),
    message: part('message'),
    node: part('node'),
  }
}

function readExpectedRows({ key, keyAt, value }: FlowEntry, findings: Findings): ExpectedRowsSpec {
  const ordered = childOf(value, 'ordered')
  const tolerance = childOf(value, 'tolerance')
  const ignore = childOf(value, 'ignore')
  if (ignore?.kind === 'scalar' && ignore.value !== '*')
    findings.error(
      'TEST_INVALID',
      ignore.at,
      `\`ignore\` is a list of columns, or "*" for all that the rows do not name.`,
      `write [${textOf(ignore)}]`,
    )
  const ignored = itemsOf(ignore).flatMap((item) => namedOf(item) ?? [])
  return {
    ...readRows(key, keyAt, value, findings),
    ordered: ordered?.kind === 'scalar' && ordered.value === true,
    tolerance: tolerance?.kind === 'scalar' && typeof tolerance.value === 'number' ? tolerance.value : 0,
    ignore: ignore?.kind === 'scalar' ? '*' : ignored.map(({ text }) => text),
    ignoreAt: ignored.map(({ at }) => at),
  }
}

function readExpectedFile({ key, keyAt, value }: FlowEntry): TestEntry<FileContent | null> {
  const isAbsent = value.kind === 'scalar' && value.value === null
  return { key, keyAt, value: isAbsent ? null : readFileContent(value) }
}
