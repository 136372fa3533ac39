import path from 'node:path'
import type { Findings } from '../../build/findings.js'
import type { DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import { groupBy } from '../../core/group-by.js'
import { readLogicalTime } from '../../run/job/logical-time.js'
import type { Named, TestCase } from '../load/test-file.js'
import type { KillOrder } from '../rehearse/case-plan.js'
import type { CaseLayout } from '../rehearse/lay-out-case.js'
import { actsOutside } from './acts-outside.js'
import type { TestedFlow } from './build-for-tests.js'
import { checkErrorCode } from './check-error-code.js'
import { checkFrame, findNode, readNodeInFrame } from './find-node.js'
import { type PlannedRows, planRows } from './plan-expected-rows.js'
import { type PlannedFile, planFiles } from './plan-files.js'
import { planGlobals, readGlobalName } from './plan-globals.js'
import { planStandIn } from './plan-stand-in.js'

/** A case that goes with its flow. */
export interface PlannedCase {
  readonly test: TestCase
  readonly layout: Omit<CaseLayout, 'files'>
  readonly files: readonly PlannedFile[]
  readonly rows: readonly PlannedRows[]
  /** The sub flow that each expectation of one is about, in its order. */
  readonly subFlows: readonly string[]
}

/** Holds a case against its flow; what does not go together is among the findings. `folder` is that of the test file. */
export function planCase(test: TestCase, flow: TestedFlow, folder: string, findings: Findings): PlannedCase {
  const standIns = test.replace.flatMap((entry) => {
    const node = findNode(entry.key, entry.keyAt, flow, findings)
    const standIn = node === undefined ? undefined : planStandIn(entry, node, flow, folder, findings)
    return node === undefined || standIn === undefined ? [] : [[node.id, standIn] as const]
  })
  const replaced = new Set(test.replace.map(({ key }) => key))
  const allowed = test.allow.flatMap(({ text, at }) => findNode(text, at, flow, findings)?.id ?? [])
  for (const { text, at } of test.allow)
    if (replaced.has(text)) findings.error('TEST_INVALID', at, `${text} is replaced, and allowed too.`, 'take it out of one of the two')
  const outside = flow.dag.nodes.filter((node) => {
    const definition = flow.definitions.get(node.id)
    return definition !== undefined && !replaced.has(node.id) && !allowed.includes(node.id) && actsOutside(node, definition)
  })
  for (const { id, module } of outside.filter(({ type }) => type !== 'sink')) {
    findings.error(
      'TEST_ACTS_OUTSIDE',
      test.nameAt,
      `${id} (${module}) acts outside of the test, and this case neither replaces nor allows it.`,
      `say under \`replace\` what stands in for it, e.g. \`replace: { ${id}: ${exampleOf(id, flow)} }\`, or let it run: \`allow: [${id}]\``,
    )
  }
  for (const node of outside) if (node.type === 'sink') checkMuted(test, node, findings)
  const { rows, captures } = planRows(test.expect.rows, flow, folder, findings)
  const subFlows = test.expect.subFlows.map(({ key, keyAt }) => findNode(key, keyAt, flow, findings)?.sub_flow ?? '')
  if (test.expect.error?.code !== undefined) checkErrorCode(test.expect.error.code, findings)
  const { node: blamed } = test.expect.error ?? {}
  if (blamed !== undefined) findNode(blamed.text, blamed.at, flow, findings)
  checkDate(test.date, flow, findings)
  return {
    test,
    layout: {
      plan: {
        project: flow.project,
        context: test.context === undefined ? undefined : placeContext(test.context.text, folder),
        set: test.set,
        env: test.env,
        date: test.date?.text,
        standIns: Object.fromEntries(standIns),
        muted: outside.filter(({ type }) => type === 'sink').map(({ id }) => id),
        globals: planGlobals(test.globals, replaced, flow, findings),
        captures: Object.fromEntries(captures.map(({ node, name }) => [node, name])),
        allowed,
        kill: test.kill === undefined ? undefined : planKill(test.kill, flow, findings),
      },
      captures,
      wantedGlobals: wantGlobals(test, flow, findings),
    },
    files: planFiles(test.files, folder, findings),
    rows,
    subFlows,
  }
}

/** A sink that is not run publishes how many rows it would get, and nothing else. */
function checkMuted({ globals, nameAt }: TestCase, { id, module, used_globals: used }: DagNode, findings: Findings): void {
  const given = new Set(globals.map(({ key }) => key.toLowerCase()))
  const missing = used.filter((name) => name !== 'row_count' && !given.has(`${id}__${name}`.toLowerCase()))
  if (missing.length === 0) return
  findings.error(
    'TEST_INVALID',
    nameAt,
    `The flow uses ${missing.map((name) => `{{${id}__${name}}}`).join(', ')}, and the sink ${id} (${module}) is not run in a test.`,
    `give \`globals: { ${missing.map((name) => `${id}__${name}: …`).join(', ')} }\`, or let it run: \`allow: [${id}]\``,
  )
}

function exampleOf(id: string, flow: TestedFlow): string {
  return flow.nodes.get(id)?.type === 'source' ? '[{ id: 1 }]' : '{}'
}

/** A name stays one; a path starts at the folder of the test file. */
function placeContext(written: string, folder: string): string {
  return /[/.]/.test(written) ? path.resolve(folder, written) : written
}

function checkDate(date: Named | undefined, { job }: TestedFlow, findings: Findings): void {
  if (date === undefined) return
  try {
    readLogicalTime(date.text, new Date(0), job.metadata.settings.time_zone)
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    findings.error(
      'TEST_INVALID',
      date.at,
      `${date.text} is neither a date nor a time.`,
      'e.g. `date: 2026-01-31` or `date: "2026-01-31 06:00:00"`',
    )
  }
}

function planKill({ point, subFlow }: NonNullable<TestCase['kill']>, flow: TestedFlow, findings: Findings): KillOrder | undefined {
  const { name, frame } = readNodeInFrame(subFlow, findings)
  const node = findNode(name, subFlow.at, flow, findings)
  if (node !== undefined) checkFrame(node, frame, subFlow.at, flow, findings)
  return node === undefined ? undefined : { point, subFlow: node.sub_flow, frame }
}

/** Globals that are looked at have to be computed; those of nodes with dynamic globals are what they are. */
function wantGlobals(test: TestCase, flow: TestedFlow, findings: Findings): ReadonlyMap<string, readonly string[]> {
  const names = test.expect.globals.flatMap(({ key, keyAt }) => readGlobalName(key, keyAt, flow, findings) ?? [])
  const byNode = groupBy(
    names.filter(({ node, name }) => node.globals.includes(name)),
    ({ node }) => node.id,
  )
  return new Map([...byNode].map(([id, found]) => [id, found.map(({ name }) => name)]))
}
