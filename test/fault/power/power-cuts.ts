import { createHash } from 'node:crypto'
import path from 'node:path'
import { nodeDisk } from '../../../src/run/checkpoint/files/disk.js'
import type { Random } from '../interrupt/random.js'
import type { FaultFlow } from '../resume/fault-flow.js'
import { Place } from '../resume/place.js'
import { listDifferences, listHalves, withoutUnsaid } from '../resume/victim.js'
import { goOn } from '../resume/worker/go-on.js'
import { DurableTree, type Loss, type Remains } from './durable-tree.js'
import { layOut } from './lay-out.js'
import { observeTree } from './observe-tree.js'
import { listTexts } from './read-remains.js'
import { type CountsFlush, createRecordingDisk } from './recording-disk.js'

/** What a power cut has left, and when it came. */
interface Crash {
  readonly before: string
  readonly loss: Loss
  readonly remains: Remains
  /** What would be there if nothing had been lost. */
  readonly whole: Remains
}

const LOSSES: readonly Loss[] = ['all', 'data', 'names', 'none', 'some', 'some', 'some']

/**
 * Runs a flow, cuts the power in thought before each step, and goes on from some of the states that may be left then. Returns how many
 * states there were; throws at the first from which the targets do not become those of an undisturbed run.
 */
export async function survivePowerCuts(
  flow: FaultFlow,
  folder: string,
  most: number,
  random: Random,
  counts?: CountsFlush,
): Promise<number> {
  const root = path.join(folder, 'powered')
  const crashes = pickSome([...(await record(flow, root, random, counts)).values()], most, random)
  for (const crash of crashes) {
    layOut(root, crash.remains)
    await judge(flow, Place.open(root), crash)
  }
  return crashes.length
}

/** The states that differ, by what is in them. */
async function record(flow: FaultFlow, root: string, random: Random, counts?: CountsFlush): Promise<ReadonlyMap<string, Crash>> {
  const place = await Place.create(root, flow.flow.files)
  const tree = new DurableTree(observeTree(root))
  const crashes = new Map<string, Crash>()
  let step = 0
  const disk = createRecordingDisk(
    nodeDisk,
    root,
    tree,
    (name) => {
      const before = `step ${++step}, ${name}`
      const whole = tree.cut('none', random)
      for (const loss of tree.pending === 0 ? (['none'] as const) : LOSSES) {
        const remains = tree.cut(loss, random)
        crashes.set(digest(remains), { before, loss, remains, whole })
      }
    },
    counts,
  )
  await goOn(place.task(flow.job, false), { disk })
  return crashes
}

async function judge(flow: FaultFlow, place: Place, crash: Crash): Promise<void> {
  const faults = await goOnFrom(flow, place)
  if (faults.length === 0) return
  const lost = listDifferences(listTexts(crash.whole), listTexts(crash.remains))
  throw new Error(
    [
      `${flow.name}, power cut before ${crash.before}, loss of ${crash.loss}:`,
      ...faults,
      'What the power cut took:',
      ...lost,
      place.journals(),
      flow.flow.text,
    ].join('\n'),
  )
}

async function goOnFrom(flow: FaultFlow, place: Place): Promise<string[]> {
  try {
    const halves = listHalves(flow, await place.snapshot())
    const task = place.task(flow.job, true)
    const status = place.lastEnd() === 'completed' ? 'completed' : (await goOn(task)).status
    return [
      ...halves,
      ...(status === flow.status ? [] : [`it ended as ${status}, not as ${flow.status}`]),
      ...listDifferences(withoutUnsaid(flow.targets), withoutUnsaid(await place.snapshot())),
    ]
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  }
}

function pickSome<T>(all: readonly T[], most: number, random: Random): readonly T[] {
  return all
    .map((one) => ({ one, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, most)
    .map(({ one }) => one)
}

function digest(remains: Remains): string {
  return createHash('sha1')
    .update(JSON.stringify(listTexts(remains)))
    .digest('hex')
}
