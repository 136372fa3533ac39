/** How a report is written out. */
export interface ReportStyle {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint: (color: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string
}

/** For files: no colours, and room. */
export const PLAIN_STYLE: ReportStyle = { width: 160, paint: (_, text) => text }
