import { afterAll, describe, expect, it } from 'vitest'
import { type Interrupted, InterruptedPlace } from './interrupt/interrupted-place.js'
import { Random } from './interrupt/random.js'
import { drawFlow } from './interrupt/random-flow.js'

/** How often a run is interrupted; PYPE_KILLS takes more, and PYPE_SEED others. */
const KILLS = Number(process.env.PYPE_KILLS ?? 26)
const SEED = Number(process.env.PYPE_SEED ?? 1)
/** Runs of each flow: a later one begins where the earlier one was interrupted. */
const RUNS = 2
/** Milliseconds in which a run comes to its first line. */
const START = 600

describe('Ctrl-C at any instant of any flow', () => {
  const ended: Interrupted[] = []

  it.each(Array.from({ length: Math.ceil(KILLS / RUNS) }, (_, i) => SEED + i))(
    'leaves no process, no temporary file, no lock and no half target (PYPE_SEED=%i)',
    async (seed) => {
      const random = new Random(seed)
      const flow = drawFlow(random)
      const place = new InterruptedPlace(flow)
      await place.build()
      for (let run = 0; run < RUNS; run++) {
        const lines = random.int(0, 12) ** 2
        const instant = { lines, milliseconds: random.int(0, lines === 0 ? START : 40) }
        const interrupted = await place.interrupt(instant)
        ended.push(interrupted)
        try {
          await place.hold(interrupted)
        } catch (error) {
          throw new Error(`run ${run + 1} of seed ${seed}, interrupted at ${JSON.stringify(instant)}:\n${flow.text}`, { cause: error })
        }
      }
    },
  )

  afterAll(() => {
    const seconds = ended.map((each) => each.seconds).sort((a, b) => a - b)
    const middle = seconds[Math.floor(seconds.length / 2)]
    console.info(
      `${ended.length} runs interrupted; seconds to their end: ${middle?.toFixed(2)} in the middle, ${seconds.at(-1)?.toFixed(2)} at most`,
    )
    // Else the instants are no longer where the flows are.
    expect(ended.filter(({ code }) => code === 130).length).toBeGreaterThan(ended.length / 2)
  })
})
