import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { FlowValue } from '../../core/flow.js'
import { placeOf, type SourceText, type TextSpan } from '../../core/source-text.js'
import type { TypedValue } from '../../engine/engine.js'
import type { ErrorSpec, FileContent, TestEntry } from '../load/test-file.js'
import { writtenText } from '../load/written-value.js'
import type { TestedFlow } from '../plan/build-for-tests.js'
import type { PlannedCase } from '../plan/plan-case.js'
import { type CaseFolder, placeInCase } from '../rehearse/case-plan.js'
import type { CaseRun } from '../rehearse/run-case.js'
import { keyOf } from './cell.js'
import { kindOfType } from './column-kind.js'
import { compareRows } from './compare-rows.js'
import type { Failure } from './failure.js'
import { type Outcome, readOutcome } from './outcome.js'
import type { LendEngine } from './read-expected.js'
import { readFoundRows } from './read-found.js'
import { tellInCase } from './tell-in-case.js'

/** What the run of a case is held against, and where it has left its rows. */
export interface CaseToCompare {
  readonly planned: PlannedCase
  readonly flow: TestedFlow
  readonly source: SourceText
  readonly folder: CaseFolder
  readonly run: CaseRun
  readonly lend: LendEngine
}

/** Everything in which a run is otherwise than its case expects. */
export async function compareCase(task: CaseToCompare): Promise<readonly Failure[]> {
  const { planned, source, run } = task
  const { test } = planned
  const at = (span: TextSpan) => placeOf(source, span)
  if (run.survived !== undefined) {
    const said = run.survived === '' ? '' : `\n${run.survived}`
    const point = test.kill === undefined ? '' : `${test.kill.point}: ${test.kill.subFlow.text}`
    return [
      {
        subject: 'kill',
        message: `The run ended before it came to \`${point}\`.${said}`,
        at: at(test.kill?.subFlow.at ?? test.nameAt),
        // A run that failed says itself why it did not come there.
        ...(said === ''
          ? {
              hint: 'a sub flow without rows in files or databases has no commit to be killed in: choose another point, or expect rows of it',
            }
          : {}),
      },
    ]
  }
  const outcome = await readOutcome(run, task.flow)
  const ended = compareEnd(task, outcome, at)
  // What follows from an end that nobody expected would bury it.
  if (outcome.status !== test.expect.status) return ended
  return [
    ...ended,
    ...compareSubFlows(task, outcome, at),
    ...(await compareAllRows(task, outcome)),
    ...test.expect.globals.flatMap((entry) => compareGlobal(entry, outcome.globals, at)),
    ...test.expect.files.flatMap((entry) => compareFile(entry, task, at)),
  ]
}

type PlaceAt = (span: TextSpan) => Failure['at']

function compareEnd({ planned: { test }, folder, flow }: CaseToCompare, outcome: Outcome, at: PlaceAt): readonly Failure[] {
  const { expect } = test
  const { status } = outcome
  const errors = outcome.errors.map((error) => tellInCase(error, folder, flow))
  const said = errors
    .map(
      ({ code, message, node, hint }) =>
        `\n${code}${node === undefined ? '' : ` at ${node}`}: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`,
    )
    .join('')
  if (status !== expect.status)
    return [{ subject: 'status', message: `The run is ${status}; expected is ${expect.status}.${said}`, at: at(expect.at) }]
  const { error } = expect
  if (error === undefined || errors.some((found) => isMeant(error, found))) return []
  const wanted = [
    error.code?.text,
    error.node === undefined ? undefined : `at ${error.node.text}`,
    error.message === undefined ? undefined : `with "${error.message.text}"`,
  ]
  return [
    {
      subject: 'error',
      message: `There is no error ${wanted.filter((part) => part !== undefined).join(' ')}; the run failed with:${said}`,
      at: at(error.at),
    },
  ]
}

function isMeant(wanted: ErrorSpec, found: Outcome['errors'][number]): boolean {
  if (wanted.code !== undefined && wanted.code.text !== found.code) return false
  if (wanted.node !== undefined && wanted.node.text !== found.node) return false
  return wanted.message === undefined || found.message.includes(wanted.message.text)
}

function compareSubFlows({ planned: { test, subFlows } }: CaseToCompare, outcome: Outcome, at: PlaceAt): readonly Failure[] {
  return test.expect.subFlows.flatMap(({ key, value }, i) => {
    const status = outcome.statusOf(subFlows[i] ?? key)
    if (status === value.text) return []
    return [{ subject: `sub flow of ${key}`, message: `It is ${status}; expected is ${value.text}.`, at: at(value.at) }]
  })
}

async function compareAllRows({ planned, folder, source, lend }: CaseToCompare, outcome: Outcome): Promise<readonly Failure[]> {
  const failures: Failure[] = []
  for (const each of planned.rows) {
    const captured = readFoundRows(each, folder.rows)
    const place = (span: TextSpan) => placeOf(source, span)
    if (captured === undefined) {
      const status = outcome.statusOf(each.subFlow)
      failures.push({
        subject: `rows of ${each.key}`,
        message: `There are none: the sub flow ${each.subFlow} is ${status}.`,
        at: place(each.spec.at),
      })
      continue
    }
    const failure = await compareRows(each, captured, place, lend)
    if (failure !== undefined) failures.push(failure)
  }
  return failures
}

function compareGlobal({ key, keyAt, value }: TestEntry<FlowValue>, globals: Outcome['globals'], at: PlaceAt): readonly Failure[] {
  const found = globals.get(key.toLowerCase())
  const subject = `global ${key}`
  if (found === undefined) return [{ subject, message: 'It was not published.', at: at(keyAt) }]
  if (isValue(value, found)) return []
  const message = `It is ${found.text ?? 'NULL'} (${found.type}); expected is ${writtenText(value, found.type) ?? 'NULL'}.`
  return [{ subject, message, at: at(value.at), found: { kind: 'global', key, value: found } }]
}

function isValue(value: FlowValue, { type, text }: TypedValue): boolean {
  const wanted = writtenText(value, type)
  if (wanted === null || text === null) return wanted === text
  const kind = kindOfType(type)
  return keyOf(wanted, kind) === keyOf(text, kind)
}

function compareFile(
  { key, keyAt, value }: TestEntry<FileContent | null>,
  { folder, source }: CaseToCompare,
  at: PlaceAt,
): readonly Failure[] {
  const file = path.resolve(folder.files, placeInCase(key, folder))
  const isThere = existsSync(file) && statSync(file).isFile()
  const subject = `file ${key}`
  if (value === null) return isThere ? [{ subject, message: 'It is there, and must not be.', at: at(keyAt) }] : []
  if (!isThere) return [{ subject, message: 'It is not there.', at: at(keyAt) }]
  const found = readFileSync(file)
  const expected = value.kind === 'text' ? Buffer.from(value.text) : readFileSync(path.resolve(path.dirname(source.file), value.path.text))
  if (found.equals(expected)) return []
  return [
    {
      subject,
      message: `It holds something else (${found.length} bytes; expected are ${expected.length}).`,
      at: at(value.kind === 'text' ? keyAt : value.path.at),
      found: { kind: 'file', key, content: value, bytes: found },
      ...(isText(found) && isText(expected) ? { texts: { expected: expected.toString('utf8'), found: found.toString('utf8') } } : {}),
    },
  ]
}

function isText(bytes: Buffer): boolean {
  return !bytes.includes(0)
}
