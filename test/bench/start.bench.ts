import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchResult } from './bench.js'
import { timeSideBySide } from './measure.js'

const PYPE = fileURLToPath(new URL('../../bin/pype.cjs', import.meta.url))
const FLOW = path.join(path.dirname(PYPE), '../examples/sample/sample_etl.yaml')
const ROUNDS = 15

/** How long commands take to start, as multiples of an empty Node program. */
export default async function benchStart(): Promise<readonly BenchResult[]> {
  return [measure('pype --version', ['--version'], 2.5), measure('pype validate of the sample', ['validate', FLOW], 6)]
}

function measure(name: string, args: readonly string[], limit: number): BenchResult {
  const [pype, bare] = timeSideBySide([process.execPath, PYPE, ...args], [process.execPath, '-e', '0'], ROUNDS)
  return { name, ratio: pype / bare, limit, detail: `${pype.toFixed(0)} ms, node -e 0: ${bare.toFixed(0)} ms` }
}
