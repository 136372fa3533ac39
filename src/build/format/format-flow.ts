import { parseDocument } from 'yaml'
import { DiagnosticsError, PypeError } from '../../core/errors.js'
import type { FlowValue } from '../../core/flow.js'
import { openSource } from '../../core/source-text.js'
import { Findings } from '../findings.js'
import { FLOW_SHAPE } from '../load/file-shape.js'
import { readFlowText } from '../load/load-flow.js'
import { parseYaml } from '../load/parse-yaml.js'
import { orderKeys } from './order-keys.js'
import { keepNumbers, printDocument } from './print-document.js'
import { listComments, meansSame } from './same-meaning.js'

/** A flow file as it is, and in the one layout. */
export interface FormattedFlow {
  readonly before: string
  readonly after: string
}

/** Reads a flow file and lays it out. Throws as {@link formatFlow} does, and FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function formatFlowFile(file: string): Promise<FormattedFlow> {
  const before = await readFlowText(file)
  return { before, after: formatFlow(file, before) }
}

/**
 * Lays the text of a flow file out: keys in the order of the reference, one indentation, comments kept. What the file says stays the same, whether it is
 * a right flow or not. Throws {@link DiagnosticsError} when it is not YAML.
 */
export function formatFlow(file: string, text: string): string {
  const before = readValue(file, text)
  // An anchor has to stand before its aliases, in which case the keys stay where they are.
  for (const isOrdered of [true, false]) {
    const after = printUntilStable(text, isOrdered)
    if (after !== undefined && isSame(file, text, before, after)) return after
  }
  throw new PypeError('INTERNAL', `The layout of ${file} cannot be changed without changing what it says.`, {
    hint: 'the file is as it was; please report it with the file',
  })
}

function readValue(file: string, text: string): FlowValue {
  const findings = new Findings(openSource(file, text))
  const value = parseYaml(openSource(file, text), FLOW_SHAPE, findings)
  if (value === undefined || findings.hasErrors) throw new DiagnosticsError(findings.list())
  return value
}

/** Comments in odd places may need more than one turn until they stay where they are. */
const MOST_TURNS = 8

function printUntilStable(text: string, isOrdered: boolean): string | undefined {
  let last = text
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const next = print(last, isOrdered)
    if (next === undefined || next === last) return next
    last = next
  }
  return undefined
}

function print(text: string, isOrdered: boolean): string | undefined {
  const document = parseDocument(text, { intAsBigInt: true, strict: true, customTags: keepNumbers })
  if (isOrdered) orderKeys(document)
  try {
    return printDocument(document)
  } catch (error) {
    // "Unresolved alias": it would stand before its anchor.
    if (isOrdered) return undefined
    throw error
  }
}

function isSame(file: string, text: string, before: FlowValue, after: string): boolean {
  const findings = new Findings(openSource(file, after))
  const value = parseYaml(openSource(file, after), FLOW_SHAPE, findings)
  if (value === undefined || findings.hasErrors || !meansSame(before, value)) return false
  return listComments(text).join('\n') === listComments(after).join('\n')
}
