import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Remains } from './durable-tree.js'

/** Makes a folder hold what a power cut has left, and nothing else. */
export function layOut(folder: string, remains: Remains): void {
  rmSync(folder, { recursive: true, force: true })
  write(folder, remains)
}

function write(file: string, remains: Remains): void {
  if ('entries' in remains) {
    mkdirSync(file)
    for (const [name, child] of Object.entries(remains.entries)) write(path.join(file, name), child)
    return
  }
  writeFileSync(file, remains.bytes)
  // A file that is to be moved is known by its time.
  utimesSync(file, remains.seconds, remains.seconds)
}
