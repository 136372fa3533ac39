import type { SampleSize } from '../../engine/engine.js'
import type { HeldRows } from '../../run/preview/preview.js'
import { openPage } from '../terminal/open-page.js'
import { formatProfile } from './profile-page.js'

/** Profiles rows and writes what comes of it to stdout. */
export async function writeProfile(
  { rows, columns, engine, port }: HeldRows,
  { sample, json }: { readonly sample: SampleSize | undefined; readonly json: boolean },
  signal: AbortSignal,
): Promise<void> {
  const profile = await engine.profile(rows, columns, signal)
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...port, sample: sample ?? null, ...profile }, undefined, 2)}\n`)
    return
  }
  const name = `${port.node}.${port.port}`
  const title = sample === undefined ? name : `${name}, a sample of ${'rows' in sample ? `${sample.rows} rows` : `${sample.percent}%`}`
  process.stdout.write(formatProfile(title, profile, openPage(process.stdout)))
}
