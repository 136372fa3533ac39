import { isDeepStrictEqual } from 'node:util'
import { PypeError } from '../../core/errors.js'
import type { Json, JsonObject } from '../../core/json.js'
import { normalizeTime } from '../backfill/plan-dates.js'
import type { ResumedRecord, RunRecord } from '../checkpoint/journal/records.js'
import { findContextNames } from '../job/find-context-names.js'
import type { Job } from '../job/load-job.js'
import { parseLogicalTime } from '../job/logical-time.js'
import { type ContextSource, hasContext, hasValue, type ResolvedContext, readContext, readSetLike } from '../job/read-context.js'
import type { RenderedContext } from '../job/render-context.js'
import type { RunOptions } from '../run-options.js'
import { isAnother, type RecordedContext, restoreContext } from '../secrets/recorded-context.js'

/** The context of a resume, and what of it the run did not have; undefined: nothing. */
export interface ResumedContext extends ResolvedContext {
  readonly added: RenderedContext | undefined
  /** What somebody should know who expects the context of now. */
  readonly warning: string | undefined
}

/**
 * The context of a run that is gone on with: the recorded one, with the passwords and secrets of now, and what a mended flow needs beyond it from the
 * context file and `--set`. Throws RESUME_REFUSED when an option asks for another value than the run has, or for another folder, and when a connection that a password
 * has to be taken for is another one now.
 */
export function readResumedContext(
  job: Job,
  run: RunRecord,
  resumes: readonly ResumedRecord[],
  cwd: string,
  options: RunOptions,
): ResumedContext {
  const { context = nameOfJob(job, run) } = options
  // The file that the run had is not known, and the default context is another one.
  const isElsewhere = context === undefined && run.context_name !== 'default'
  const source: ContextSource = { jobFolder: job.folder, cwd, context, set: options.set ?? [], env: options.env }
  const recorded = joinRecorded([run, ...resumes])
  refuseDate(options.date, run)
  if (options.insistsOnCwd === true && cwd !== run.cwd) throw refused(`--cwd ${cwd}`, `its relative paths start at ${run.cwd}`)
  if (options.context !== undefined) refuseOthers('--context', readContext(job.dag, { ...source, set: run.set }), recorded)
  const set = readSetLike(job.dag, recorded.context, source)
  refuseOthers('--set', set, recorded)
  const readNow = once(() => readContext(job.dag, { ...source, set: { ...run.set, ...set.values } }))
  const current = recorded.withheld_context.length === 0 ? { values: {}, written: {} } : readNow()
  refuseWithheld(current, recorded)
  const known = restoreContext(recorded, current, options.env)
  const missing = [...findContextNames(job.dag)].filter((name) => !hasValue(known.values, name) && !hasValue(known.written, name))
  const kept = {
    name: run.context_name,
    set: run.set,
    warning: isElsewhere ? undefined : describeChanges(recorded, new Set(Object.keys(run.set)), readNow),
  }
  if (missing.length === 0) return { ...kept, ...known, added: undefined }
  const now = readNow()
  const added = { values: pick(now.values, missing), written: pick(now.written, missing) }
  return { ...kept, values: { ...known.values, ...added.values }, written: { ...known.written, ...added.written }, added }
}

/** The context of the job that a run has used; undefined: the default one, or a file elsewhere. */
function nameOfJob({ dag, folder }: Job, { context_name: name }: RunRecord): string | undefined {
  return hasContext(dag.flow.name, folder, name) ? name : undefined
}

function once<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: read() }
    return known.value
  }
}

/** What to say of a context that has changed since; `set` are the names that do not come from its file. */
function describeChanges(recorded: RecordedValues, set: ReadonlySet<string>, readNow: () => RenderedContext): string | undefined {
  let now: RenderedContext
  try {
    now = readNow()
  } catch (error) {
    // The run has its context: that of now is not needed, and was asked for to compare it only.
    if (!(error instanceof PypeError)) throw error
    return `The resume uses the context of the run; that of now cannot be compared with it: ${error.message}`
  }
  const names = [...new Set([...Object.keys(now.values), ...Object.keys(now.written)])].filter((name) => !set.has(name))
  const changed = names.filter((name) => isChanged(name, now, recorded))
  if (changed.length === 0) return undefined
  const verb = changed.length === 1 ? 'is another one' : 'are others'
  return `The resume uses the context of the run: ${changed.join(', ')} ${verb} now.`
}

function isChanged(name: string, now: RenderedContext, recorded: RecordedValues): boolean {
  const then = recorded.context[name]
  if (then === undefined) return isAnother(name, recorded, now)
  return !isDeepStrictEqual(asRecorded(Object.hasOwn(now.values, name) ? now.values[name] : now.written[name]), then)
}

type RecordedValues = Required<Omit<RecordedContext, 'set'>>

/** What a run and its resumes have recorded, each adding to those before it. */
function joinRecorded(records: readonly (RunRecord | ResumedRecord)[]): RecordedValues {
  const context: JsonObject = Object.assign({}, ...records.map((record) => record.context ?? {}))
  const sealed: JsonObject = Object.assign({}, ...records.map((record) => record.sealed_context ?? {}))
  const connections: JsonObject = Object.assign({}, ...records.map((record) => record.withheld_connections ?? {}))
  const withheld = records.flatMap((record) => record.withheld_context ?? [])
  return { context, sealed_context: sealed, withheld_context: withheld, withheld_connections: connections }
}

/** A value as it comes back out of a journal, which holds the text of JSON: -0 is 0 there, and what is undefined is gone. */
function asRecorded(value: Json | undefined): unknown {
  return JSON.parse(JSON.stringify(value))
}

function pick(values: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))
}

function refuseDate(date: string | undefined, record: RunRecord): void {
  if (date === undefined || normalizeTime(parseLogicalTime(date, '--date')) === normalizeTime(record.date)) return
  throw refused(`--date ${date}`, `its logical time is ${record.date}`)
}

/** What the run did not have may be added. */
function refuseOthers(option: string, asked: RenderedContext, recorded: RecordedValues): void {
  for (const [name, value] of Object.entries({ ...asked.written, ...asked.values })) {
    const then = recorded.context[name]
    if (then !== undefined && !isDeepStrictEqual(asRecorded(value), then)) {
      throw refused(`${option} with another ${name}`, `it has ${JSON.stringify(then)}, and this is ${JSON.stringify(value)}`)
    }
    // Neither is shown: a password may stand in what was asked for.
    if (then === undefined && isAnother(name, recorded, asked))
      throw refused(`${option} with another ${name}`, describeThen(name, recorded))
  }
}

/** A password that the record does not hold belongs to the connection that it was written in. */
function refuseWithheld(current: RenderedContext, recorded: RecordedValues): void {
  const name = recorded.withheld_context.find((each) => isAnother(each, recorded, current))
  if (name === undefined) return
  throw new PypeError('RESUME_REFUSED', `The context has another ${name} now: ${describeThen(name, recorded)}.`, {
    hint: `the run took its password from there: give the context of the run with --context, or the connection with --set ${name}=…; or start a new run without --resume`,
  })
}

function describeThen(name: string, { withheld_connections, sealed_context }: RecordedValues): string {
  return `the run has ${JSON.stringify(withheld_connections[name] ?? sealed_context[name])}`
}

function refused(what: string, why: string): PypeError {
  return new PypeError('RESUME_REFUSED', `A run cannot be resumed with ${what}: ${why}.`, {
    hint: 'leave the option away: a resume has the values of the run; or start a new run without --resume',
  })
}
