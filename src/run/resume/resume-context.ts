import { isDeepStrictEqual } from 'node:util'
import { PypeError } from '../../core/errors.js'
import type { Json, JsonObject } from '../../core/json.js'
import { normalizeTime } from '../backfill/plan-dates.js'
import type { ResumedRecord, RunRecord } from '../checkpoint/records.js'
import { findContextNames } from '../job/find-context-names.js'
import type { Job } from '../job/load-job.js'
import { parseLogicalTime } from '../job/logical-time.js'
import { type ContextSource, type ResolvedContext, readContext, readSetLike } from '../job/read-context.js'
import type { RenderedContext } from '../job/render-context.js'
import type { RunOptions } from '../run-options.js'
import { restoreContext } from '../secrets/recorded-context.js'

/** The context of a resume, and what of it the run did not have; undefined: nothing. */
export interface ResumedContext extends ResolvedContext {
  readonly added: RenderedContext | undefined
}

/**
 * The context of a run that is gone on with: the recorded one, with the passwords and secrets of now, and what a mended flow needs beyond it from the
 * context file and `--set`. Throws RESUME_REFUSED when an option asks for another value than the run has.
 */
export function readResumedContext(
  job: Job,
  run: RunRecord,
  resumes: readonly ResumedRecord[],
  cwd: string,
  options: RunOptions,
): ResumedContext {
  const source: ContextSource = { jobFolder: job.folder, cwd, context: options.context, set: options.set ?? [], env: options.env }
  const recorded = joinRecorded([run, ...resumes])
  refuseDate(options.date, run)
  if (source.context !== undefined) {
    const asked = readContext(job.dag, { ...source, set: run.set })
    for (const [name, value] of Object.entries(asked.values)) refuseOther('--context', name, value, recorded.context)
  }
  const set = readSetLike(job.dag, recorded.context, source)
  for (const [name, value] of Object.entries(set)) refuseOther('--set', name, value, recorded.context)
  const readNow = () => readContext(job.dag, { ...source, set: { ...run.set, ...set } })
  const current = recorded.withheld_context.length === 0 ? { values: {}, written: {} } : readNow()
  const known = restoreContext(recorded, current, options.env)
  const missing = [...findContextNames(job.dag)].filter((name) => !hasValue(known.values, name) && !hasValue(known.written, name))
  const kept = { name: run.context_name, set: run.set }
  if (missing.length === 0) return { ...kept, ...known, added: undefined }
  const now = readNow()
  const added = { values: pick(now.values, missing), written: pick(now.written, missing) }
  return { ...kept, values: { ...known.values, ...added.values }, written: { ...known.written, ...added.written }, added }
}

/** What a run and its resumes have recorded, each adding to those before it. */
function joinRecorded(records: readonly (RunRecord | ResumedRecord)[]) {
  const context: JsonObject = Object.assign({}, ...records.map((record) => record.context ?? {}))
  const sealed: JsonObject = Object.assign({}, ...records.map((record) => record.sealed_context ?? {}))
  return { context, sealed_context: sealed, withheld_context: records.flatMap((record) => record.withheld_context ?? []) }
}

function hasValue(values: JsonObject, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== null
}

function pick(values: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))
}

function refuseDate(date: string | undefined, record: RunRecord): void {
  if (date === undefined || normalizeTime(parseLogicalTime(date, '--date')) === normalizeTime(record.date)) return
  throw refused(`--date ${date}`, `its logical time is ${record.date}`)
}

/** What the run did not have may be added. */
function refuseOther(option: string, name: string, value: Json, known: JsonObject): void {
  const then = known[name]
  if (then === undefined || isDeepStrictEqual(JSON.parse(JSON.stringify(value)), then)) return
  throw refused(`${option} with another ${name}`, `it has ${JSON.stringify(then)}, and this is ${JSON.stringify(value)}`)
}

function refused(what: string, why: string): PypeError {
  return new PypeError('RESUME_REFUSED', `A run cannot be resumed with ${what}: ${why}.`, {
    hint: 'leave the option away: a resume has the values of the run; or start a new run without --resume',
  })
}
