/** What is wrong between an incremental source and a sink that its rows reach, in the words of the build and of the run. */
interface CursorFault {
  readonly message: string
  readonly hint: string
}

/** The sink replaces what it has by what is new only: the rest is lost, in a run without news all rows. */
export function describeOverwrite(source: string, sink: string): CursorFault {
  return {
    message: `${sink} overwrites its target with what is new in ${source} since the last run: the rows before go, and a run without news leaves none.`,
    hint: 'use a mode that keeps them (upsert, append), or leave the cursor out and read everything',
  }
}

/** The sink adds rows that are there already. */
export function describeReadAgain(source: string, sink: string, target: string): CursorFault {
  return {
    message: `${source} reads rows again that an earlier run has read, and ${sink} adds them to ${target}.`,
    hint: 'use a mode that replaces rows with the same keys (mode: upsert), or leave lag out',
  }
}
