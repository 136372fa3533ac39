import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
// As it is published: that is several times faster than through the loader of the tests.
import { type Diagnostic, DiagnosticsError, validateFlow } from '../../dist/src/index.js'

/** A flow without faults that has something of everything: a loop, a boundary, a join, globals, a failure, a condition. */
const SOUND = `flow: { name: sound, version: 1.0.0, authors: [ada], created: "2026-01-15" }
settings: { retries: 1 }
modules:
  - { id: listing, name: list_files, configs: { path: "in/*.csv" } }
  - { id: reading, name: csv_source, configs: { file_path: "{{iter.item.path}}", delimiter: ";" } }
  - { id: writing, name: csv_sink, configs: { output_path: "out/{{iter.index}}.csv" } }
  - { id: orders, name: csv_source, configs: { required: { file_path: orders.csv }, optional: { delimiter: ";" } } }
  - { id: large, name: filter_mod, configs: { condition: "amount > 5" } }
  - { id: kept, name: parquet_sink, configs: { output_path: kept.parquet } }
  - { id: again, name: derive_mod, configs: { columns: { twice: "amount * 2" } } }
  - { id: result, name: csv_sink, configs: { output_path: result.csv } }
  - { id: telling, name: log, configs: { message: "{{result__row_count}} of {{listing__count}}" } }
  - { id: crying, name: log, configs: { message: "{{result__error_message}}" } }
connections:
  data:
    - reading.data - writing.input
    - orders.data - large.input
    - large.output - kept.input
    - large.output - again.input
    - again.output - result.input
  control:
    - "listing (1|iterate) reading"
    - "listing (2|) orders"
    - { from: large, to: again, order: 1, if: "{{orders__row_count}} > 0" }
    - "result (1|) telling"
    - "result (2|error) crying"
`

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-one-cause-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function validate(text: string): Promise<readonly Diagnostic[]> {
  const file = path.join(folder, 'sound.yaml')
  writeFileSync(file, text)
  try {
    return (await validateFlow(file)).diagnostics
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics
    throw error
  }
}

test('the flow that is spoilt below is sound', async () => {
  expect(await validate(SOUND)).toEqual([])
})

/** Every word of the flow that is a name of something, with one letter too many. */
const WORDS = [...SOUND.matchAll(/[a-z][a-z_]{3,}/g)]

test('a misspelt word is one finding, at the word or at what names it', async () => {
  const several: string[] = []
  for (const { 0: word, index } of WORDS) {
    const text = `${SOUND.slice(0, index)}${word}x${SOUND.slice(index + word.length)}`
    const found = await validate(text)
    if (found.length > 1)
      several.push(
        `${word} in line ${SOUND.slice(0, index).split('\n').length}: ${found.map(({ code, message }) => `${code} ${message}`).join(' | ')}`,
      )
  }
  expect(several).toEqual([])
})

test('a line that is left out is told as what it is', async () => {
  const several: string[] = []
  const lines = SOUND.split('\n')
  for (const [at, line] of lines.entries()) {
    // Without this one the lines behind it say something else.
    if (line === '  control:') continue
    const found = await validate(lines.filter((_, i) => i !== at).join('\n'))
    if (found.length > 1) several.push(`${line.trim()}: ${found.map(({ code, message }) => `${code} ${message}`).join(' | ')}`)
  }
  expect(several).toEqual([])
})
