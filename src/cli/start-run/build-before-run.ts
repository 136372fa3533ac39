/** The folder that a build writes job folders into, when no other is named. */
const DEFAULT_OUT = 'jobs'

/**
 * Builds the job of a flow where it is out of date, and tells so; returns the job folder. Out of date is a job that a build would write otherwise, which
 * is found by planning the flow and comparing: dates of files tell neither a changed module nor another version. Two that do so at the same time write the same bytes,
 * each file in one step. The columns are looked for when there is something to write only: what is in place has been checked.
 */
export async function buildBeforeRun(file: string, tell: (text: string) => void): Promise<string> {
  const { buildFlow } = await import('../../build/build.js')
  const { job, changed } = await buildFlow(file, { out: DEFAULT_OUT, check: true })
  if (changed.length === 0) return job
  const { diagnostics } = await buildFlow(file, { out: DEFAULT_OUT, columns: { cwd: process.cwd() } })
  if (diagnostics.length > 0) (await import('../terminal/print-diagnostics.js')).printDiagnostics(diagnostics)
  tell(`${job} is built.\n`)
  return job
}
