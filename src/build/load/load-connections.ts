import { ConnectionSyntaxError } from '../../core/connection-syntax.js'
import { parseData } from '../../core/data-connection.js'
import type { FlowControl, FlowData, FlowEntry, FlowValue } from '../../core/flow.js'
import type { SourceText, TextSpan } from '../../core/source-text.js'
import { fromLongForm, isLongForm, parseControl } from '../../core/valve.js'
import type { Findings } from '../findings.js'
import { toJson } from './flow-value.js'
import { spanInside } from './span-inside.js'

/** Reads the data connections; those that cannot be read are left out and reported. */
export function loadData(value: FlowValue | undefined, source: SourceText, findings: Findings): FlowData[] {
  return textItems(value).flatMap(({ text, at }) => {
    const place = (span: TextSpan) => spanInside(source, at, text, span)
    const parsed = attempt(() => parseData(text), place, findings)
    if (parsed === undefined) return []
    const { from, fromPort, to, toPort } = parsed.spans
    return [{ ...parsed.spec, at, spans: { from: place(from), fromPort: place(fromPort), to: place(to), toPort: place(toPort) } }]
  })
}

/** Reads the control connections in both forms; those that cannot be read are left out and reported. */
export function loadControl(value: FlowValue | undefined, source: SourceText, findings: Findings): FlowControl[] {
  if (value?.kind !== 'list') return []
  return value.items.flatMap((item) => {
    if (item.kind === 'map') return readLongForm(item.entries, item, findings)
    if (item.kind !== 'scalar' || typeof item.value !== 'string' || item.value === '') return []
    const { value: text, at } = item
    const place = (span: TextSpan) => spanInside(source, at, text, span)
    const parsed = attempt(() => parseControl(text), place, findings)
    if (parsed === undefined) return []
    const { from, to, order, body } = parsed.spans
    return [{ ...parsed.spec, at, spans: { from: place(from), to: place(to), order: place(order), body: place(body) } }]
  })
}

function readLongForm(entries: readonly FlowEntry[], item: FlowValue, findings: Findings): FlowControl[] {
  const form = toJson(item)
  // What is not a long form was reported by the schema.
  if (!isLongForm(form)) return []
  const place = (key: string) => entries.find((entry) => entry.key === key)?.value.at ?? item.at
  const concurrency = entries.find((entry) => entry.key === 'concurrency')?.keyAt
  const at = entries[0] === undefined ? item.at : { offset: entries[0].keyAt.offset, length: item.at.length }
  const spec = attempt(
    () => fromLongForm(form),
    () => (form.concurrency === undefined ? place('order') : (concurrency ?? at)),
    findings,
  )
  return spec === undefined
    ? []
    : [{ ...spec, at, spans: { from: place('from'), to: place('to'), order: place('order'), body: place('if') } }]
}

function textItems(value: FlowValue | undefined): { readonly text: string; readonly at: TextSpan }[] {
  if (value?.kind !== 'list') return []
  return value.items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' && item.value !== '' ? [{ text: item.value, at: item.at }] : [],
  )
}

function attempt<T>(read: () => T, place: (span: TextSpan) => TextSpan, findings: Findings): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConnectionSyntaxError)) throw error
    findings.error(error.code, place(error), error.message, error.hint)
    return undefined
  }
}
