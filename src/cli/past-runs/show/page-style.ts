import type { Color } from '../../terminal/open-paint.js'

/** How what is known of a run goes to a terminal. */
export interface PageStyle {
  /** Columns. */
  readonly width: number
  readonly paint: (color: Color, text: string) => string
  /** In milliseconds since 1970: where what still runs ends for now. */
  readonly now: number
}
