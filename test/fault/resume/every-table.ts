import type { DrawnFlow } from './draw-flow.js'
import { connectionTo } from './tables.js'

const ONE = JSON.stringify(connectionTo('one'))
const TWO = JSON.stringify(connectionTo('two'))

/** Rows of one sub flow in two databases and a file, a cursor that moves with them and one that waits, a statement in a loop. */
export const EVERY_TABLE: DrawnFlow = {
  text: `
modules:
  - { id: read, name: postgres_source, configs: { connection: ${ONE}, table: source, cursor: id, start: 2 } }
  - { id: shaped, name: sql_mod, configs: { sql: "SELECT 'read' AS unit, id AS row, text AS above FROM input" } }
  - { id: one, name: postgres_sink, configs: { connection: ${ONE}, table: grown } }
  - { id: two, name: postgres_sink, configs: { connection: ${TWO}, table: grown } }
  - { id: file, name: csv_sink, configs: { output_path: grown/all.csv, mode: append } }
  - { id: list, name: inline_source, configs: { rows: [{ n: 1 }, { n: 2 }] } }
  - { id: insert, name: postgres_query, configs: { connection: ${TWO}, sql: "INSERT INTO grown (unit, row) VALUES ('pass', {{iter.item.n}})" } }
  - { id: far, name: postgres_source, configs: { connection: ${TWO}, table: source, cursor: id, start: 3 } }
  - { id: behind, name: postgres_sink, configs: { connection: ${ONE}, table: "{{context.schema}}.kept", mode: upsert, keys: [id], create_table: true } }
connections:
  data: ["read.data - shaped.input", "shaped.output - one.input", "shaped.output - two.input", "shaped.output - file.input", "far.data - behind.input"]
  control: ["one (1|) list", "list (1|iterate) insert", "list (2|) far", "far (1|{{context.port}} > 0 OR '{{context.root}}' = '') behind"]
`,
  files: {},
}
