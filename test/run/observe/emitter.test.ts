import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.js'
import { describeEvent } from '../../../src/run/observe/describe-event.js'
import { Emitter } from '../../../src/run/observe/emitter.js'
import { formatSummary } from '../../../src/run/observe/format-summary.js'
import { type RunSummary, SummaryCollector } from '../../../src/run/observe/summary.js'

const STARTED: RunEvent = { type: 'node.started', node: 'a', frame: [] }

describe('listeners', () => {
  it('that throw are dropped with a warning, and the others hear everything', async () => {
    const heard: RunEvent[] = []
    let calls = 0
    const emitter = new Emitter([
      {
        name: 'web page',
        hear: () => {
          calls++
          throw new Error('connection lost')
        },
      },
      { name: 'good', hear: (event) => heard.push(event) },
    ])
    emitter.emit(STARTED)
    emitter.emit(STARTED)
    await emitter.close()
    expect(calls).toBe(1)
    expect(heard.map((event) => (event.type === 'log' ? event.message : event.type))).toEqual([
      'node.started',
      'The listener web page is switched off: connection lost',
      'node.started',
    ])
  })

  it('whose promise is rejected are dropped too, and nobody waits for it', async () => {
    let calls = 0
    const emitter = new Emitter([
      {
        name: 'database',
        hear: async () => {
          calls++
          throw new Error('down')
        },
      },
    ])
    emitter.emit(STARTED)
    await new Promise(setImmediate)
    emitter.emit(STARTED)
    expect(calls).toBe(1)
  })

  it('may emit events themselves', () => {
    const heard: string[] = []
    const emitter: Emitter = new Emitter([
      {
        name: 'echo',
        hear: (event) => {
          heard.push(event.type)
          if (event.type === 'node.started') emitter.emit({ type: 'log', level: 'info', message: 'seen' })
        },
      },
    ])
    emitter.emit(STARTED)
    expect(heard).toEqual(['node.started', 'log'])
  })
})

describe('a line of the log', () => {
  it('bears node and frame, and is at debug level for a single frame of a loop', () => {
    const completed = { type: 'node.completed', node: 'load', rows: 3, bytes: null, rejected: null, seconds: 0.1 } as const
    expect(describeEvent({ ...completed, frame: [] })).toMatchObject({
      level: 'info',
      fields: { event: 'node.completed', node: 'load', rows: 3 },
    })
    expect(describeEvent({ ...completed, frame: [2, 0] })).toMatchObject({ level: 'debug', fields: { frame: '2.0', node: 'load' } })
  })

  it('speaks of a sub flow, a node and a connection in their frame', () => {
    const error = { code: 'MODULE_FAILED', message: 'no' } as const
    const messages = [
      describeEvent({ type: 'subflow.failed', subFlow: 'rows', frame: [0], seconds: 1, error }),
      describeEvent({ type: 'subflow.retried', subFlow: 'rows', frame: [2, 0], attempt: 2, delaySeconds: 1, error }),
      describeEvent({ type: 'valve.taken', from: 'a', to: 'b', frame: [1] }),
      describeEvent({ type: 'loop.started', from: 'a', to: 'b', frame: [], items: 1, recorded: 0 }),
    ].map(({ message }) => message)
    expect(messages).toEqual([
      'rows#0 failed: no',
      'rows#2.0 failed (no); attempt 2 follows in 1.0 s',
      'a#1 to b#1 taken',
      'b starts 1 time, once per item of a',
    ])
  })

  it('of a module has its fields and its own level', () => {
    const line = describeEvent({ type: 'log', level: 'info', message: 'hello', node: 'greet', frame: [1], fields: { rows: 5 } })
    expect(line).toEqual({ level: 'info', message: 'hello', fields: { event: 'log', node: 'greet', frame: '1', rows: 5 } })
  })
})

describe('the summary', () => {
  const counted = { nodes: [], rows: null, rejected: 1, spilled: { artifacts: 1, rows: 1, bytes: 5 } }
  const summary: RunSummary = {
    ...{ run: 'r', job: 'daily', flow_version: '1.0.0', status: 'completed', started: '', seconds: 1, date: '', peak_memory: 0 },
    ...{ errors: [], folder: 'runs/r', ...counted },
    sub_flows: { completed: 1, failed: 0, skipped: 0, blocked: 0, cancelled: 0, recorded: 0 },
    ...{ flow_sub_flows: 1, loops: [] },
  }

  it('speaks of one thing in the singular and of others in the plural', () => {
    const many = {
      ...summary,
      status: 'failed' as const,
      sub_flows: { ...summary.sub_flows, completed: 3, failed: 1, blocked: 1, recorded: 2 },
      flow_sub_flows: 6,
      rejected: 2000,
      spilled: { artifacts: 2, rows: 0, bytes: 5 },
    }
    expect(formatSummary(summary)).toMatch(/: 1 sub flow completed\nrejected: 1 row\non disk: 1 artifact, 1 row, 5 B\n/)
    expect(formatSummary(many)).toMatch(
      /: 3 of 6 sub flows completed, 2 of them before, 1 failed, 1 blocked, 1 not begun\nrejected: 2,000 rows\non disk: 2 artifacts, 0 rows, 5 B\n/,
    )
  })

  it('counts the passes of loops in a run that has not completed', () => {
    const loops = [{ from: 'files', to: 'load', items: 6, completed: 2, failed: 1, cancelled: 1 }]
    const sub_flows = { ...summary.sub_flows, completed: 7, failed: 1, blocked: 3 }
    expect(formatSummary({ ...summary, status: 'failed', sub_flows, loops })).toMatch(
      /: 7 sub flows completed, 1 failed, 3 blocked\n {2}for each item of files: 2 of 6 completed, 1 failed, 1 cancelled, 2 not begun\n/,
    )
    expect(formatSummary({ ...summary, sub_flows, loops })).not.toContain('for each')
  })

  it('has no time for a query, which runs inside of the statements of others', () => {
    const node = { node: 'query', runs: 1, rows: 3, bytes: null, rejected: null, seconds: 0 }
    const text = formatSummary({ ...summary, nodes: [node, { ...node, node: 'code', seconds: 0.25 }] })
    expect(text).toMatch(/^ +query +3 +- +- +-$/m)
    expect(text).toMatch(/^ +code +3 +- +- +0\.25$/m)
  })

  it('adds the frames of a node up and keeps apart what nothing counted', () => {
    const collector = new SummaryCollector()
    for (const index of [0, 1])
      collector.hear({ type: 'node.completed', node: 'a', frame: [index], rows: 10, bytes: null, rejected: 1, seconds: 0.5 })
    collector.hear({ type: 'loop.started', from: 'a', to: 'b', frame: [], items: 4, recorded: 1 })
    for (const index of [1, 2, 3]) collector.hear({ type: 'frame.started', from: 'a', to: 'b', frame: [index] })
    for (const failed of [false, true]) collector.hear({ type: 'frame.ended', from: 'a', to: 'b', frame: [1], failed })
    collector.hear({ type: 'artifact.spilled', node: 'a', frame: [], port: 'data', path: '/x', rows: 7, bytes: 70, reason: 'many rows' })
    expect(collector.counts()).toEqual({
      loops: [{ from: 'a', to: 'b', items: 4, completed: 2, failed: 1, cancelled: 1 }],
      nodes: [{ node: 'a', runs: 2, rows: 20, bytes: null, rejected: 2, seconds: 1 }],
      rejected: 2,
      spilled: { artifacts: 1, rows: 7, bytes: 70 },
    })
  })
})
