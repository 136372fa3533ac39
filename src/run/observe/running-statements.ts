import type { RunningStatement } from '../../core/events.js'

interface Told extends Omit<RunningStatement, 'share'> {
  readonly share: () => number | undefined
}

/** The statements of a run that are moving rows right now. */
export class RunningStatements {
  readonly #running = new Set<Told>()

  /** A statement has begun; the returned function is to be called when it has ended. */
  begin(statement: Told): () => void {
    this.#running.add(statement)
    return () => this.#running.delete(statement)
  }

  list(): readonly RunningStatement[] {
    return [...this.#running].map(({ share, ...rest }) => ({ ...rest, share: share() ?? null }))
  }
}
