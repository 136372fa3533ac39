import type { DrawnFlow } from './draw-flow.js'

/**
 * One flow with all that a resume has to bring back: a list of files that its own loop takes away, a list of rows, a decision that looks
 * different afterwards, appends, partitions, boundaries, globals, a failure that is handled, a join.
 */
export const EVERY_PART: DrawnFlow = {
  text: `
settings: { retries: 0, fail_strategy: continue }
modules:
  - { id: files, name: list_files, configs: { path: "in/*.txt" } }
  - { id: take, name: file_move, configs: { from: "{{iter.item.path}}", to: "taken/", mode: error_if_exists } }
  - { id: note, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: noted, name: sql_mod, configs: { sql: "SELECT '{{iter.item.name}}' AS file, {{take__count}} AS taken FROM input" } }
  - { id: notes, name: csv_sink, configs: { output_path: grown/notes.csv, mode: append } }
  - { id: again, name: json_sink, configs: { output_path: "out/{{iter.item.stem}}.jsonl" } }
  - { id: rows, name: inline_source, configs: { rows: [{ n: 7 }, { n: 8 }] } }
  - { id: one, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: numbered, name: sql_mod, configs: { sql: "SELECT {{iter.item.n}} AS n, range AS row, range % 2 AS half, {{files__count}} AS files FROM input, range(3)" } }
  - { id: parts, name: parquet_sink, configs: { output_path: "parts/{{iter.index}}", partition_by: [half] } }
  - { id: far, name: csv_sink, configs: { output_path: grown/far.csv, mode: append } }
  - { id: choice, name: file_delete, configs: { path: old.tmp, missing_ok: false } }
  - { id: broken, name: fail, configs: { message: "{{choice__count}} deleted" } }
  - { id: cause, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: caused, name: sql_mod, configs: { sql: "SELECT {{broken__error_message}} AS message FROM input" } }
  - { id: causes, name: csv_sink, configs: { output_path: out/causes.csv } }
  - { id: joined, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: end, name: csv_sink, configs: { output_path: grown/notes.csv, mode: append } }
  - { id: ended, name: sql_mod, configs: { sql: "SELECT 'end' AS file, {{files__count}} AS taken FROM input" } }
connections:
  data:
    - note.data - noted.input
    - noted.output - notes.input
    - noted.output - again.input
    - one.data - numbered.input
    - numbered.output - parts.input
    - numbered.output - far.input
    - cause.data - caused.input
    - caused.output - causes.input
    - joined.data - ended.input
    - ended.output - end.input
  control:
    - files (1|iterate) take
    - take (1|) note
    - files (2|) rows
    - rows (1|iterate) one
    - numbered (1|) far
    - { from: rows, to: choice, order: 2, type: normal, if: "(SELECT count(*) FROM glob('{{context.root}}/old.tmp')) = 1" }
    - choice (1|) broken
    - broken (1|error) cause
    - choice (2|) joined
    - take (9|) joined
`,
  files: {
    'in/a.txt': 'a\n',
    'in/b.txt': 'b\n',
    'old.tmp': 'old\n',
    'out/causes.csv': 'what lay here before\n',
  },
}
