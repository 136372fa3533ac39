import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Column } from '../../sdk/relation.js'
import type { PlannedRows } from '../plan/plan-expected-rows.js'
import { type CapturedRows, captureFile, columnsFile, frameOfFile } from '../rehearse/capture-rows.js'

/** The rows that a port has carried, over all passes of a loop or in one of them; undefined: its sub flow has not completed. */
export function readFoundRows({ name, frame }: Pick<PlannedRows, 'name' | 'frame'>, folder: string): CapturedRows | undefined {
  const frames = frame === undefined ? listFrames(name, folder) : [frame]
  const files = frames.map((each) => captureFile(folder, name, each)).filter((file) => existsSync(columnsFile(file)))
  if (files.length === 0) return undefined
  return { columns: uniteColumns(files.map(readColumns)), rows: files.flatMap(readLines) }
}

function readColumns(file: string): readonly Column[] {
  return JSON.parse(readFileSync(columnsFile(file), 'utf8'))
}

/** The columns of all passes; one that has not the same type in each is one of texts. A row is NULL in those that its pass lacks. */
function uniteColumns(passes: readonly (readonly Column[])[]): readonly Column[] {
  const united = new Map<string, Column>()
  for (const column of passes.flat()) {
    const known = united.get(column.name)
    united.set(column.name, known === undefined || known.type === column.type ? column : { ...column, type: 'VARCHAR' })
  }
  return [...united.values()]
}

/** Written by the run of the case: one object of texts per line. */
function readLines(file: string): CapturedRows['rows'] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line): CapturedRows['rows'][number] => JSON.parse(line))
}

/** In the order of the passes. */
function listFrames(name: string, folder: string): readonly string[] {
  const frames = readdirSync(folder).flatMap((file) => frameOfFile(path.basename(file), name) ?? [])
  return frames.sort((a, b) => compareFrames(a.split('.').map(Number), b.split('.').map(Number)))
}

function compareFrames(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((pass, i) => pass !== b[i])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
