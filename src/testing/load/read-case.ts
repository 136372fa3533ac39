import { type Findings } from '../../build/findings.js'
import { toJsonObject } from '../../build/load/flow-value.js'
import { refuseInexact } from '../../build/load/refuse-inexact.js'
import type { FlowEntry, FlowValue } from '../../core/flow.js'
import { readExpect } from './read-expect.js'
import { readFileContent, readStandIn } from './read-stand-in.js'
import { childOf, entriesOf, itemsOf, namedOf, textOf } from './read-value.js'
import { KILL_POINTS, type Named, type TestCase, type TestEntry } from './test-file.js'

/** Reads a case together with what the file says for all of its cases. */
export function readCase(value: FlowValue, root: FlowValue, index: number, findings: Findings): TestCase {
  const name = namedOf(childOf(value, 'name')) ?? { text: '', at: value.at }
  const either = (key: string) => childOf(value, key) ?? childOf(root, key)
  const both = (key: string) => [...mergeEntries(childOf(root, key), childOf(value, key))]
  for (const entry of [...both('set'), ...both('globals')]) refuseInexact(entry.value, findings)
  return {
    name: name.text,
    nameAt: name.at,
    index,
    skip: textOf(childOf(value, 'skip')),
    context: namedOf(either('context')),
    set: toJsonObject(both('set')),
    env: Object.fromEntries(both('env').map((entry) => [entry.key, textOf(entry.value) ?? ''])),
    date: namedOf(either('date')),
    files: both('files').map((entry) => withValue(entry, readFileContent(entry.value))),
    replace: both('replace').map((entry) => withValue(entry, readStandIn(entry, findings))),
    globals: both('globals'),
    allow: [...itemsOf(childOf(root, 'allow')), ...itemsOf(childOf(value, 'allow'))].flatMap((item) => namedOf(item) ?? []),
    kill: readKill(childOf(value, 'kill')),
    expect: readExpect(childOf(value, 'expect'), name.at, findings),
  }
}

/** The entries of two maps; what the later one says counts. */
function mergeEntries(earlier: FlowValue | undefined, later: FlowValue | undefined): Iterable<FlowEntry> {
  return new Map([...entriesOf(earlier), ...entriesOf(later)].map((entry) => [entry.key, entry])).values()
}

function withValue<T>({ key, keyAt }: FlowEntry, value: T): TestEntry<T> {
  return { key, keyAt, value }
}

function readKill(value: FlowValue | undefined): TestCase['kill'] {
  const [entry] = entriesOf(value)
  const point = KILL_POINTS.find((each) => each === entry?.key)
  const subFlow: Named | undefined = namedOf(entry?.value)
  return point === undefined || subFlow === undefined ? undefined : { point, subFlow }
}
