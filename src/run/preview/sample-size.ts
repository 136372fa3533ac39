import { PypeError } from '../../core/errors.js'
import type { SampleSize } from '../../engine/engine.js'

/** Reads `1000` or `10%`. Throws USAGE. */
export function readSampleSize(text: string): SampleSize {
  const [, number = '', percent] = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) ?? []
  const value = Number(number)
  if (number !== '' && percent === '%' && value > 0 && value <= 100) return { percent: value }
  if (number !== '' && percent === '' && Number.isSafeInteger(value) && value > 0) return { rows: value }
  throw new PypeError('USAGE', `--sample ${text} is neither a number of rows nor a percentage.`, {
    hint: 'e.g. --sample 10000 or --sample 1%',
  })
}
