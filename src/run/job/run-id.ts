import { randomBytes } from 'node:crypto'

/** A new id of a run. Ids sort by the time of the start, and can stand in file names and URLs. */
export function createRunId(started: Date): string {
  const time = started.toISOString().replace(/[-:.]/g, '')
  return `${time.slice(0, 8)}T${time.slice(9, 18)}-${randomBytes(3).toString('hex')}`
}

/** Whether a name in a runs folder is that of a run. */
export function looksLikeRunId(name: string): boolean {
  return /^\d{8}T\d{9}-[0-9a-f]{6}/.test(name)
}
