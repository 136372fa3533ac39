import type { OverlapPolicy } from '../core/dag.js'
import type { LogLevel } from '../core/events.js'
import type { JsonObject } from '../core/json.js'
import type { OpenDatabase } from '../database/database.js'
import type { Patience } from './checkpoint/databases/ask-committed.js'
import type { Disk } from './checkpoint/files/disk.js'
import type { OnStall } from './execution/node/wait-while-alive.js'
import type { Listener } from './observe/emitter.js'
import type { LogDestination } from './observe/log-lines.js'
import type { Rehearsal } from './rehearsal.js'

/** How a job is run. Nothing is read from the process: the caller passes its environment in. */
export interface RunOptions {
  /** A context file, or the name of a context of the job. */
  readonly context?: string | undefined
  /** Over the context: `name=value`, each, or the values themselves. */
  readonly set?: readonly string[] | JsonObject
  /** The logical date or time. */
  readonly date?: string | undefined
  /** Bound on the nodes that run at once; over the flow's settings. */
  readonly threads?: number | undefined
  /** Folder of the runs; `runs` in the job folder when undefined. */
  readonly runs?: string | undefined
  /** Go on with a run: with the one of this id, or the last one that did not complete; `auto`: with the last one of the same logical time, else start one. */
  readonly resume?: { readonly run?: string | undefined } | 'auto' | undefined
  /** With `resume`: nodes whose sub flows run again, although they have completed. */
  readonly again?: readonly string[]
  /** With `resume`: also when a later run of the job has committed. Without: also when an earlier one has added rows whose cursor waits for its end. */
  readonly force?: boolean
  /** What to do while another run of the job is going on; over the flow's settings. */
  readonly onOverlap?: OverlapPolicy | undefined
  /** Told which run the start waits for; undefined: one that has no folder yet. */
  readonly onWait?: (run: string | undefined) => void
  /** Runs of this process that go on at once and share its memory and CPUs; 1 when undefined. */
  readonly share?: number | undefined
  /** Whether the rows that crossed boundaries stay in `artifacts/` when the run has completed. */
  readonly keep?: boolean | undefined
  /** The flow that the job has just been built from, as places in it are told; the copy in the job folder when undefined. */
  readonly flowFile?: string | undefined
  /** Relative paths start here; in a resume where those of the run do. */
  readonly cwd: string
  /** Whether `cwd` was asked for, and is not just the current folder: a resume of a run with another one is refused then. */
  readonly insistsOnCwd?: boolean | undefined
  readonly env: { readonly [name: string]: string | undefined }
  /** Where the log goes; into a file from level info on when undefined. */
  readonly log?: { readonly level: LogLevel; readonly destinations: readonly LogDestination[] }
  readonly listeners?: readonly Listener[]
  readonly stderr?: (text: string) => void
  /** Hears each event as a line of JSON, like those of the log. */
  readonly onEventLine?: ((line: string) => void) | undefined
  /** Milliseconds between events that tell what is going on right now; none when undefined. */
  readonly progressEvery?: number | undefined
  /** Aborted to cancel. */
  readonly signal?: AbortSignal
  readonly onStall?: OnStall | undefined
  /** How the engine works, for tests that hold its results against each other. */
  readonly engine?: { readonly optimizer?: boolean }
  /** What journals and commits stand on, for tests that record it or stop the process at any of its steps. */
  readonly seams?: { readonly disk?: Disk; readonly openDatabase?: OpenDatabase; readonly patience?: Patience }
  /** For a test of the flow: what runs in the place of its modules. */
  readonly rehearsal?: Rehearsal
  readonly now?: () => Date
  readonly random?: () => number
}
