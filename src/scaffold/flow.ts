import type { SourceNode } from './source/described-source.js'
import { toScalar } from './yaml-scalar.js'

/** What a new flow is made with. */
export interface FlowPlan {
  readonly name: string
  readonly author: string
  /** YYYY-MM-DD. */
  readonly today: string
  /** Where its rows come from. */
  readonly source: SourceNode
}

/** The text of a flow that validates and runs: from a source through a filter into a CSV file, and with another one for broken rows where there are any. */
export function formatNewFlow({ name, author, today, source }: FlowPlan): string {
  const hasBadRows = (source.faults?.broken ?? 0) > 0
  return `flow:
  name: ${toScalar(name)}
  version: 1.0.0
  authors: [${toScalar(author)}]
  created: "${today}"
modules:
  - id: rows
    name: ${source.module}
    configs:
${source.configs.map((line) => `      ${line}\n`).join('')}  # \`pype list-modules\` shows what else can stand here; conditions are SQL.
  - id: kept
    name: filter_mod
    configs:
      condition: ${toScalar(`${source.firstColumn} IS NOT NULL`)}
  - id: result
    name: csv_sink
    configs:
      output_path: ${toScalar(`out/${name}.csv`)}
${hasBadRows ? formatBadRows(name) : ''}connections:
  data:
    - rows.data - kept.input
    - kept.output - result.input
${hasBadRows ? '    - rows.reject - bad.input\n' : ''}  control: []
`
}

/** Where the rows go that the source finds broken. */
function formatBadRows(name: string): string {
  return `  # Broken rows, each with the reason. Without this and its connection the first one would fail the run.
  - id: bad
    name: csv_sink
    configs:
      output_path: ${toScalar(`out/${name}_bad.csv`)}
`
}
