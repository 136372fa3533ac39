/** Runs a job inside of a job. */
import {
  defineModule,
  type JobOutcome,
  type JobRequest,
  type Json,
  type JsonObject,
  PypeError,
  type RunContext,
  type SqlValue,
} from 'pypeline/sdk'

export default defineModule({
  name: 'run_flow',
  type: 'solo',
  version: '1.0.0',
  description:
    'Runs a job inside of a job, as a run of its own with its own folder, log and lock. What the node X of that job publishes as Y is {{NODE__X__Y}} here. When that run fails, this node does.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {
    status: { type: 'str', description: 'completed; or skipped, when the job was running already and its on_overlap is skip.' },
    run_id: { type: 'str', description: 'Id of the run; NULL when it was skipped.' },
  },
  dynamicGlobals: () => ['*'],
  packages: [],
  config: {
    required: {
      job: { type: 'path', description: 'A job folder; a relative path starts where those of the flow do.', example: 'jobs/load_orders' },
    },
    optional: {
      context: {
        type: 'str',
        description: 'Context file, or name of a context of that job. Default: its default context.',
        example: 'prod',
      },
      set: { type: 'dict', description: 'Values over its context.', example: { region: '{{iter.item.name}}' } },
      date: { type: 'str', description: 'Its logical date or time. Default: that of this run.', example: '2026-01-31' },
    },
  },
  run: async (_, ctx) => {
    const { job, context, set, date } = ctx.config
    const outcome = await start(ctx, job, { context, set: set === undefined ? undefined : toJsonObject(set), date })
    if (outcome === 'skipped') {
      ctx.logger.warn(`The job ${job} is running already, and was skipped.`)
      ctx.setGlobal('status', 'skipped')
      ctx.setGlobal('run_id', null)
      return
    }
    ctx.signal.throwIfAborted()
    if (outcome.status !== 'completed') throw toFailure(job, outcome)
    publish(ctx, outcome.globals)
    ctx.setGlobal('status', outcome.status)
    ctx.setGlobal('run_id', outcome.runId)
  },
})

async function start(ctx: Pick<RunContext, 'runJob' | 'signal'>, job: string, request: JobRequest): Promise<JobOutcome | 'skipped'> {
  try {
    return await ctx.runJob(job, request)
  } catch (error) {
    ctx.signal.throwIfAborted()
    if (!(error instanceof PypeError) || error.code === 'JOB_CIRCLE') throw error
    if (error.code === 'RUN_SKIPPED') return 'skipped'
    throw new PypeError('CHILD_FAILED', `The job ${job} could not be started: ${error.code} ${error.message}`, {
      hint: error.hint,
      cause: error,
    })
  }
}

/** Names of another job's globals are not known to the types of this one. */
function publish(ctx: Pick<RunContext, 'setGlobal'>, globals: JobOutcome['globals']): void {
  for (const [name, value] of Object.entries(globals)) ctx.setGlobal(name, value)
}

function toFailure(job: string, { runId, folder, errors, status }: JobOutcome): PypeError {
  const [first] = errors
  const place = first?.at === undefined ? '' : ` (${first.at.file}:${first.at.line}:${first.at.column})`
  const what = first === undefined ? '' : `: ${first.code} ${first.message}${place}`
  return new PypeError('CHILD_FAILED', `The job ${job} ${status === 'failed' ? 'failed' : 'was cancelled'} in its run ${runId}${what}`, {
    hint: `${first?.hint === undefined ? '' : `${first.hint}; `}its log is in ${folder}`,
  })
}

function toJsonObject(values: { readonly [name: string]: SqlValue }): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toJson(value)]))
}

/** An integer beyond 2^53 stays exact as a text. */
function toJson(value: SqlValue): Json {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(toJson)
  return toJsonObject(value)
}

function isList(value: SqlValue): value is readonly SqlValue[] {
  return Array.isArray(value)
}
