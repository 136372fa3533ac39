import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'
import { formatResume, formatRunAgain } from '../../../src/cli/start-run/run-again.js'
import { hasBegun } from '../../../src/run/history/has-begun.js'
import { createProject, readSummary } from '../pype-project.js'

const NESTED = `flow: { name: nested, version: 1.0.0, authors: [tester], created: "2026-01-01" }
modules:
  - { id: outer, name: inline_source, configs: { rows: [{ x: 1 }, { x: 2 }, { x: 3 }] } }
  - { id: inner, name: inline_source, configs: { rows: [{ y: 1 }] } }
  - { id: row, name: inline_source, configs: { rows: [{ v: 1 }] } }
  - id: each
    name: derive_mod
    configs:
      columns:
        z: "CASE WHEN {{iter.outer.item.x}} = 3 THEN CAST('{{context.note}}' AS INTEGER) END"
  - { id: out, name: log_sink }
connections:
  data: ["row.data - each.input", "each.output - out.input"]
  control: ["outer (1|iterate) inner", "inner (1|iterate) row"]
`

/** The words of a command as a shell reads them. */
function readWords(command: string): string[] {
  const shown = execFileSync('sh', ['-c', `pype() { printf '%s\\n' "$@"; }; ${command}`], { encoding: 'utf8' })
  return shown.trimEnd().split('\n')
}

function lastLine(stderr: string): string {
  return stderr.trimEnd().split('\n').at(-1) ?? ''
}

it('a failed run names node, frame, place, cause and a way out, and ends with the command that resumes it', async () => {
  const project = createProject({ 'nested.yaml': NESTED })
  await project.pype(['build', 'nested.yaml'])
  const args = ['--set', "note=it's not", '--threads', '2', '--log', 'none']
  const { code, stdout, stderr } = await project.pype(['run', 'jobs/nested', ...args])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^\S+ failed\n$/)
  expect(stderr).toMatch(/^jobs\/nested\/nested\.yaml:10:9 {2}error SQL_FAILED {2}node each#2\.0: .*it's not/m)
  expect(stderr).toMatch(/\n {2}10 \| +z: "CASE WHEN.*\n {5}\| +\^\n {2}hint: \S/)
  const [lead, command = ''] = lastLine(stderr).split(': pype run ')
  expect(lead).toBe('to resume it')
  const words = readWords(`pype run ${command}`)
  const [run = ''] = stdout.split(' ')
  expect(words).toEqual(['run', 'jobs/nested', '--resume', run, '--threads', '2'])
  expect(await project.pype([...words, '--cwd', 'jobs'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/RESUME_REFUSED .*--cwd \S+jobs: its relative paths start at /),
  })
  const resumed = await project.pype([...words, '--json'])
  expect([resumed.code, readSummary<{ run: string }>(resumed.stdout).run]).toEqual([1, run])
})

it('a run with many errors shows the first ones', async () => {
  const flow = `flow: { name: many, version: 1.0.0, authors: [tester], created: "2026-01-01" }
settings: { fail_strategy: continue }
modules:
  - { id: list, name: inline_source, configs: { rows: ${JSON.stringify(Array.from({ length: 23 }, (_, n) => ({ n })))} } }
  - { id: each, name: fail, configs: { message: "number {{iter.index}}" } }
connections: { data: [], control: ["list (1|iterate) each"] }
`
  const project = createProject({ 'many.yaml': flow })
  await project.pype(['build', 'many.yaml'])
  const { stderr } = await project.pype(['run', 'many'])
  expect(stderr.match(/node each#\d+: number/g)).toHaveLength(20)
  expect(stderr).toMatch(/node each#19: number 19[\s\S]*… and 3 more errors, in the log\.\nmany failed/)
})

it('a backfill that has failed ends with it too, and a run that has completed does not', async () => {
  const project = createProject({ 'nested.yaml': NESTED })
  await project.pype(['build', 'nested.yaml'])
  const dates = ['--from', '2026-01-01', '--to', '2026-01-02', '--keep-going', '--set', 'note=x']
  const failed = await project.pype(['run', 'nested', ...dates])
  expect(lastLine(failed.stderr)).toBe('to run it again: pype run nested --set note=x --from 2026-01-01 --to 2026-01-02 --keep-going')
  const completed = await project.pype(['run', 'nested', '--set', 'note=5'])
  expect([completed.code, completed.stderr]).toEqual([0, expect.not.stringContaining('to resume')])
})

it('a run without its first record has nothing that a resume could go on from', async () => {
  const project = createProject({ 'nested.yaml': NESTED, 'unbegun/journal.log': '', 'torn/journal.log': '57 0badc0de run {"jou' })
  await project.pype(['build', 'nested.yaml'])
  const { stdout } = await project.pype(['run', 'nested', '--set', 'note=x'])
  const folders = ['unbegun', 'torn', 'nothing', `jobs/nested/runs/${stdout.split(' ')[0]}`]
  expect(folders.map((folder) => hasBegun(path.join(project.folder, folder)))).toEqual([false, false, false, true])
})

it.each([
  [{ context: 'conf/my file.json', cwd: '.' }, "pype run jobs/a --context 'conf/my file.json' --cwd ."],
  [{ set: ['a=', 'b=$(rm)', "c='"], onOverlap: 'wait' }, "pype run jobs/a --set a= --set 'b=$(rm)' --set 'c='\\''' --on-overlap wait"],
  [{ from: '2026-01-01', again: true, keepGoing: false } as const, 'pype run jobs/a --from 2026-01-01 --again'],
])('%j is repeated by one line for a shell', (flags, command) => {
  expect(formatRunAgain('jobs/a', flags)).toBe(`to run it again: ${command}\n`)
})

it('a resume has context, values and date from the run, and the rest from the call', () => {
  const flags = { context: 'prod', set: ['a=1'], date: '2026-01-31', cwd: 'x', runs: 'my runs', threads: '2' }
  expect(formatResume('jobs/a', flags, '20260131T1')).toBe(
    "to resume it: pype run jobs/a --resume 20260131T1 --threads 2 --runs 'my runs'\n",
  )
})

it('a flow whose name begins with a dash is no option', () => {
  expect(formatResume('-a.yaml', {}, '20260131T1')).toBe('to resume it: pype run ./-a.yaml --resume 20260131T1\n')
})
