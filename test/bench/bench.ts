/** Runs every `*.bench.ts` beside this file and fails when a ratio is above its limit. `npm run bench start` runs one of them. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** A measured ratio (or a figure with its unit) and how large it may be. */
export interface BenchResult {
  readonly name: string
  readonly ratio: number
  readonly limit: number
  /** Default: `x`, a ratio. */
  readonly unit?: string
  /** The two measurements behind the ratio, in words. */
  readonly detail?: string
}

const folder = path.dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts') && (wanted.length === 0 || wanted.includes(path.basename(file, '.bench.ts'))))
  .sort()

for (const file of files) {
  const { default: bench }: { default: () => Promise<readonly BenchResult[]> } = await import(pathToFileURL(path.join(folder, file)).href)
  for (const { name, ratio, limit, unit = 'x', detail = '' } of await bench()) {
    const isGood = ratio <= limit
    if (!isGood) process.exitCode = 1
    process.stdout.write(
      `${isGood ? 'ok  ' : 'SLOW'}  ${name.padEnd(52)} ${ratio.toFixed(2)} ${unit}  (limit ${limit} ${unit})  ${detail}\n`,
    )
  }
}
