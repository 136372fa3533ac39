/** How a report is written out. */
export interface ReportStyle {
  /** Columns of the terminal. */
  readonly width: number
  /** Columns at which sentences are broken; Infinity: each is a line. */
  readonly wrapAt: number
  readonly paint: (color: 'red' | 'green' | 'magenta' | 'bold' | 'dim', text: string) => string
}

/** For files: no colours, and room. */
export const PLAIN_STYLE: ReportStyle = { width: 160, wrapAt: Number.POSITIVE_INFINITY, paint: (_, text) => text }
