import type { DrawnFlow } from '../resume/draw-flow.js'
import { connectionTo } from '../resume/tables.js'

/** Two sub flows, of which the first appends. */
export const APPENDING: DrawnFlow = {
  text: `
modules:
  - { id: row, name: inline_source, configs: { rows: [{ root: "{{context.root}}" }] } }
  - { id: grown, name: csv_sink, configs: { output_path: grown/all.csv, mode: append } }
  - { id: behind, name: log, configs: { message: behind } }
connections: { data: ["row.data - grown.input"], control: ["grown (1|) behind"] }
`,
  files: {},
}

/** A loop whose passes take away what its list was made of. */
export const TAKING: DrawnFlow = {
  text: `
modules:
  - { id: files, name: list_files, configs: { path: "{{context.root}}/in" } }
  - { id: take, name: file_move, configs: { from: "{{iter.item.path}}", to: "taken/{{iter.index}}.txt" } }
connections: { data: [], control: ["files (1|iterate) take"] }
`,
  files: { 'in/a.txt': 'a\n', 'in/b.txt': 'b\n' },
}

/** A decision that looks different when what it led to has run. */
export const DECIDING: DrawnFlow = {
  text: `
modules:
  - { id: begin, name: log, configs: { message: begin } }
  - { id: take, name: file_delete, configs: { path: in.txt } }
  - { id: row, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections:
  data: ["row.data - out.input"]
  control:
    - { from: begin, to: take, order: 1, type: normal, if: "(SELECT count(*) FROM glob('{{context.root}}/in.txt')) = 1" }
    - take (1|) row
`,
  files: { 'in.txt': 'in\n' },
}

/** Rows in a database, and a sub flow behind. */
export const INSERTING: DrawnFlow = {
  text: `
modules:
  - { id: begin, name: log, configs: { message: "{{context.root}} {{context.port}} {{context.schema}}" } }
  - { id: row, name: inline_source, configs: { rows: [{ unit: one }] } }
  - { id: grown, name: postgres_sink, configs: { table: grown, connection: ${JSON.stringify(connectionTo('one'))} } }
connections: { data: ["row.data - grown.input"], control: ["begin (1|) row"] }
`,
  files: {},
}

/** A failure, and a branch behind it that stores what it was: another thing each time. */
export const HANDLING: DrawnFlow = {
  text: `
modules:
  - { id: broken, name: shell, configs: { command: "echo $PYPE_RESUMED > ran/resumed.csv; exit 1" } }
  - { id: read, name: csv_source, configs: { file_path: ran/resumed.csv, header: false, columns: [resumed] } }
  - { id: root, name: log, configs: { message: "{{context.root}}" } }
  - { id: kept, name: csv_sink, configs: { output_path: kept.csv, header: false } }
connections: { data: ["read.data - kept.input"], control: ["root (1|) broken", "broken (1|error) read"] }
`,
  files: { 'ran/before.txt': 'old\n' },
}
