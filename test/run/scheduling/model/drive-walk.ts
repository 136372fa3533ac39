import { PypeError } from '../../../../src/core/errors.js'
import type { RunEvent } from '../../../../src/core/events.js'
import { type FramePath, nameInFrame } from '../../../../src/core/frame.js'
import type { JournalRecord } from '../../../../src/run/checkpoint/journal/records.js'
import type { RecordedRun } from '../../../../src/run/resume/recorded-run.js'
import { ruleOf } from '../../../../src/run/resume/rule.js'
import { runAttempts } from '../../../../src/run/scheduling/attempts.js'
import { NOTHING_RECORDED } from '../../../../src/run/scheduling/recorded.js'
import type { Cause } from '../../../../src/run/scheduling/settle.js'
import { walk } from '../../../../src/run/scheduling/walk.js'
import type { WalkResult } from '../../../../src/run/scheduling/walk-deps.js'
import type { Job } from './flow-text.js'
import type { Script } from './script.js'

/** What the real walk did, in the words of the model. */
export interface Walked {
  readonly events: readonly string[]
  readonly result: WalkResult
  /** What it did that no walk may do. */
  readonly faults: readonly string[]
  /** Number of events before the cancel; undefined when there was none. */
  readonly cancelledAt: number | undefined
}

/** Under which conditions a walk is walked. */
export interface DriveOptions {
  readonly threads: number
  /** Number of events after which the run is cancelled, in a turn of the event loop of its own. */
  readonly cancelAfter?: number
  readonly onEvent?: (event: string) => void
  /** Takes what a run would write into its journal, after the events that come before it. */
  readonly onRecord?: (record: JournalRecord) => void
  /** What an earlier walk has recorded. */
  readonly recorded?: RecordedRun
}

/** Walks a flow with the real scheduler, in which things happen by the script. */
export async function driveWalk(
  { dag, metadata }: Job,
  script: Script,
  { threads, cancelAfter, onEvent, onRecord, recorded }: DriveOptions,
): Promise<Walked> {
  const events: string[] = []
  const cancel = new AbortController()
  let cancelledAt: number | undefined
  const tell = (event: string) => {
    onEvent?.(event)
    if (events.push(event) === cancelAfter) {
      setImmediate(() => {
        cancelledAt = events.length
        cancel.abort(new PypeError('CANCELLED', 'The run was cancelled.'))
      })
    }
  }
  const faults: string[] = []
  const asked = new Set<string>()
  const settled = new Set<string>()
  const askOnce = (what: string) => {
    if (asked.has(what)) faults.push(`${what} twice`)
    asked.add(what)
  }
  let running = 0

  /** The lists of a sub flow, by connection. */
  const listsOf = (name: string, frame: FramePath) => {
    const nodes = new Set(dag.nodes.filter((node) => node.sub_flow === name).map(({ id }) => id))
    const loops = dag.control.filter(({ from, type }) => type === 'iterate' && nodes.has(from))
    const lists = loops.map(({ from, to }) => [`${from}>${to}`, script.items(`${from}>${to}`, frame)] as const)
    return Object.fromEntries(lists.flatMap(([key, items]) => (items === 'no list' ? [] : [[key, new Array(items).fill(0)]])))
  }

  const runSubFlow = async (name: string, frame: FramePath, signal: AbortSignal, cause: Cause): Promise<void> => {
    const called = nameInFrame(name, frame)
    askOnce(`run ${called}`)
    if (++running > threads) faults.push(`${called} is one more than ${threads} threads`)
    try {
      await runAttempts(
        async (attempt) => {
          tell(`${called} started ${attempt}`)
          await takeTurns(script.turns(`${called} ${attempt}`), () => signal.aborted && !script.commits(name, frame))
          if (signal.aborted && !script.commits(name, frame)) throw signal.reason
          if (script.failures(name, frame) >= attempt) throw new PypeError('MODULE_FAILED', `${called} fails`, { node: called })
        },
        {
          retries: metadata.settings.retries,
          delaySeconds: 0,
          signal,
          random: () => 0.5,
          onRetry: () => tell(`${called} retried`),
        },
      )
      const provisional = cause === 'ordinary' ? {} : ({ provisional: true } as const)
      const left = { globals: {}, boundaries: [], nodes: [], items: listsOf(name, frame), ...provisional }
      onRecord?.({ kind: 'completed', sub_flow: name, frame, ...left })
    } finally {
      running--
    }
  }

  const result = await walk(dag, metadata, {
    runSubFlow,
    evaluate: async ({ connection: { from, to } }, frame) => {
      const name = nameInFrame(`${from}>${to}`, frame)
      askOnce(`evaluate ${name}`)
      await takeTurns(script.turns(`evaluate ${name}`))
      const truth = script.truth(`${from}>${to}`, frame)
      if (truth === 'error') throw new PypeError('SQL_INVALID', `${name} is broken`)
      return truth === 'null' ? null : truth === 'true'
    },
    loops: {
      open: async (loop, frame) => {
        const { from, to } = loop.connection
        const name = nameInFrame(`${from}>${to}`, frame)
        const known = recorded?.loop(loop, frame)?.list
        if (known !== undefined && Array.isArray(known)) return known.length
        askOnce(`open ${name}`)
        tell(`${name} opens`)
        await takeTurns(script.turns(`open ${name}`))
        const items = script.items(`${from}>${to}`, frame)
        if (items === 'no list') throw new PypeError('MODULE_FAILED', `${name} has no list`)
        onRecord?.({ kind: 'list', from, to, frame, rule: ruleOf(loop.connection), items: { published: `${from}>${to}` } })
        return items
      },
      beginFrame: async ({ connection: { from, to } }, frame) => {
        const name = nameInFrame(`${from}>${to}`, frame)
        askOnce(`begin ${name}`)
        // From here on the frame has begun: what it reads is being made known.
        tell(`${name} begins`)
        await takeTurns(script.turns(`begin ${name}`))
      },
      endFrame: ({ connection: { from, to } }, frame, { failed, isWhole: whole, exits, counts }) => {
        askOnce(`end ${nameInFrame(`${from}>${to}`, frame)}`)
        const left = [...exits].map(([{ connection }, { verdict }]) => ({ from: connection.from, to: connection.to, verdict }))
        onRecord?.({ kind: 'frame', loop: { from, to }, frame, failed, whole, exits: left, globals: {}, ends: {}, counts: { ...counts } })
      },
      close: async ({ connection: { from, to } }, frame) => askOnce(`close ${nameInFrame(`${from}>${to}`, frame)}`),
    },
    recorded: recorded ?? NOTHING_RECORDED,
    onRecorded: () => {},
    onSettled: ({ connection }, frame, verdict) => {
      const { from, to } = connection
      const name = nameInFrame(`${from}>${to}`, frame)
      askOnce(`settle ${name}`)
      settled.add(`${name} ${verdict}`)
      onRecord?.({ kind: 'settled', from, to, frame, verdict, rule: ruleOf(connection) })
    },
    onEnd: (name, frame) => askOnce(`end ${nameInFrame(name, frame)}`),
    emit: (event) => {
      const text = describe(event)
      if (text === undefined) return
      tell(text)
      if (recorded === undefined && event.type.startsWith('valve.') && !settled.has(text)) faults.push(`${text} is not recorded`)
    },
    threads,
    signal: cancel.signal,
  })
  return { events, result, faults, cancelledAt }
}

async function takeTurns(turns: number, isOver: () => boolean = () => false): Promise<void> {
  for (let turn = 0; turn < turns && !isOver(); turn++) await new Promise((resolve) => setImmediate(resolve))
}

function describe(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'subflow.completed':
    case 'subflow.failed':
    case 'subflow.skipped':
    case 'subflow.blocked':
    case 'subflow.cancelled':
      return `${nameInFrame(event.subFlow, event.frame)} ${event.type.slice('subflow.'.length)}`
    case 'valve.taken':
      return `${nameInFrame(`${event.from}>${event.to}`, event.frame)} taken`
    case 'valve.closed':
      return `${nameInFrame(`${event.from}>${event.to}`, event.frame)} ${event.blocking ? 'blocking' : 'not taken'}`
    case 'frame.ended':
      return `${nameInFrame(`${event.from}>${event.to}`, event.frame)} is over`
    default:
      return undefined
  }
}
