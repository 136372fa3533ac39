import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DIST } from '../resume/worker-process.js'

/** A line of the built program that is taken out. */
export interface TakenOut {
  /** Below `dist`. */
  readonly file: string
  readonly line: string
}

/** A copy of the built program without one line; returns its `dist`. Throws when the line is not there exactly once. */
export function mutateDist(folder: string, { file, line }: TakenOut): string {
  const project = path.dirname(DIST)
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(project)) if (name !== 'dist') symlinkSync(path.join(project, name), path.join(folder, name))
  const dist = path.join(folder, 'dist')
  cpSync(DIST, dist, { recursive: true })
  const parts = readFileSync(path.join(dist, file), 'utf8').split(line)
  if (parts.length !== 2) throw new Error(`${file} has this line ${parts.length - 1} times: ${line}`)
  writeFileSync(path.join(dist, file), parts.join(''))
  return dist
}
