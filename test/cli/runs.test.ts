import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { formatJobRuns, type ListedRun } from '../../src/cli/past-runs/run-table.js'
import { RunPlace } from '../run/overlap/run-processes.js'
import { createProject, type PypeProject, runPype } from './pype-project.js'

const FLOW = `
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - { id: ask, name: shell, configs: { command: "test {{context.good}} = yes" } }
  - { id: out, name: csv_sink, configs: { output_path: "out.csv" } }
connections: { data: ["rows.data - out.input"], control: ["ask (1|) rows"] }
`

const TIME = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d'

async function createJob(name: string, project = createProject()): Promise<PypeProject> {
  project.write(`${name}.yaml`, `flow: { name: ${name}, version: 1.0.0, authors: [me], created: "2026-01-01" }\n${FLOW}`)
  expect(await project.pype(['build', `${name}.yaml`])).toMatchObject({ code: 0 })
  return project
}

async function run(project: PypeProject, ...args: readonly string[]): Promise<string> {
  const { stdout } = await project.pype(['run', ...args])
  return stdout.split(' ')[0] ?? ''
}

it('the runs of a job are listed, the newest first, with how they ended and how to resume them', async () => {
  const project = await createJob('daily')
  const done = await run(project, 'daily', '--set', 'good=yes', '--date', '2026-01-30')
  const failed = await run(project, 'daily', '--set', 'good=no', '--date', '2026-01-31 06:00')
  const { code, stdout, stderr } = await project.pype(['runs', 'daily'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\n')).toEqual([
    'daily',
    expect.stringMatching(/^ {2}run +status +date +started \(UTC\) +time +rows$/),
    expect.stringMatching(new RegExp(`^  ${failed}  failed     2026-01-31 06:00:00  ${TIME} +\\d+\\.\\d s     -$`)),
    expect.stringMatching(new RegExp(`^  ${done}  completed  2026-01-30 +${TIME} +\\d+\\.\\d s     2$`)),
    `  ${failed}: 0 of 2 sub flows completed, 1 failed, 1 blocked`,
    `  to resume it: pype run daily --resume ${failed}`,
    '',
  ])
})

it('a narrow terminal gets a shorter start, and the newest runs that can be resumed their commands', () => {
  const entry = { job: 'daily', seconds: 1, rows: 2, parent: null, date: '2026-01-31 00:00:00', why_not_resumable: null }
  const runs = [4, 3, 2, 1].map(
    (day): ListedRun => ({
      ...entry,
      run: `2026020${day}T060000123-a1b2c3`,
      status: day === 3 ? 'completed' : 'failed',
      started: `2026-02-0${day}T06:00:00.123Z`,
      resume: day === 3 ? null : `resume ${day}`,
      sub_flows: day === 4 ? { completed: 2, killed: 1, 'not begun': 3 } : null,
    }),
  )
  const lines = formatJobRuns([{ job: 'daily', folder: '/runs', keep_resumable: 2, runs }], 80).split('\n')
  expect(lines[1]).toMatch(/^ {2}run +status +date +started +time +rows$/)
  expect(lines[2]).toMatch(/failed +2026-01-31 +02-04 06:00 +1\.0 s +2$/)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  expect(lines.slice(6)).toEqual([
    '  20260204T060000123-a1b2c3: 2 of 6 sub flows completed, 1 killed, 3 not begun',
    '  to resume it: resume 4',
    '  to resume it: resume 2',
    '',
  ])
})

it('what cannot be resumed is listed with the reason, and as JSON with all that is known', async () => {
  const project = await createJob('daily')
  const failed = await run(project, 'daily', '--set', 'good=no', '--date', '2026-01-30', '--runs', 'my runs')
  const done = await run(project, 'daily', '--set', 'good=yes', '--date', '2026-01-31', '--runs', 'my runs')
  const { stdout } = await project.pype(['runs', 'daily', '--runs', 'my runs', '--json'])
  expect(JSON.parse(stdout)).toEqual([
    {
      job: 'daily',
      folder: path.join(project.folder, 'my runs'),
      keep_resumable: 2,
      runs: [
        {
          run: done,
          job: 'daily',
          status: 'completed',
          date: '2026-01-31 00:00:00',
          started: expect.stringMatching(/^\d{4}-.*Z$/),
          seconds: expect.any(Number),
          rows: 2,
          parent: null,
          why_not_resumable: 'it has completed',
          resume: null,
          sub_flows: null,
        },
        expect.objectContaining({
          run: failed,
          status: 'failed',
          resume: null,
          why_not_resumable: `${done} came later and has committed; --force resumes it all the same`,
        }),
      ],
    },
  ])
  const one = await project.pype(['runs', 'daily', '--runs', 'my runs', '--limit', '1'])
  expect(one.stdout).not.toContain(failed)
  expect(await project.pype(['run', 'daily', '--runs', 'my runs', '--resume', failed])).toMatchObject({ code: 2 })
  const failedAgain = await run(project, 'daily', '--set', 'good=no', '--runs', 'my runs')
  const { stdout: table } = await project.pype(['runs', 'daily', '--runs', 'my runs'])
  expect(table).toContain(`  to resume it: pype run daily --resume ${failedAgain} --runs 'my runs'\n`)
  expect(table).toContain(`  ${failed} cannot be resumed: ${done} came later and has committed; --force resumes it all the same\n`)
})

it('a run that goes on, one that was killed and one that was taken over are told apart', async () => {
  const place = new RunPlace()
  await place.build(
    `modules: [{ id: a, name: shell, configs: { command: "test -e go || { touch started; sleep 1000; }" } }]\nconnections: { data: [], control: [] }`,
  )
  const statuses = async () => {
    const { stdout } = await runPype(['runs', 'sample', '--json'], place.root, {})
    const [job]: { runs: { status: string; resume: string | null }[] }[] = JSON.parse(stdout)
    return job?.runs.map(({ status, resume }) => [status, resume !== null])
  }
  const first = place.start(['--log-level', 'debug'])
  await first.says(/"event":"node.started"/)
  expect(await statuses()).toEqual([['running', false]])
  // A look does not take the locks away.
  expect(await place.start([]).ended).toMatchObject({ code: 3 })
  first.child.kill('SIGKILL')
  await first.ended
  expect(await statuses()).toEqual([['killed', true]])
  writeFileSync(path.join(place.root, 'go'), '')
  expect((await place.start(['--date', '2026-01-01']).ended).code).toBe(0)
  expect(await statuses()).toEqual([
    ['completed', false],
    ['superseded', true],
  ])
})

it('a run whose journal is damaged is listed with the others, and says so', async () => {
  const project = await createJob('daily')
  const failed = await run(project, 'daily', '--set', 'good=no')
  const journal = `jobs/daily/runs/${failed}/journal.log`
  project.write(journal, project.read(journal).replace('"attempt":1', '"attempt":2'))
  const { code, stdout } = await project.pype(['runs', 'daily'])
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`${failed}  failed `))
  expect(stdout).toMatch(new RegExp(`${failed} cannot be resumed: .*journal.log has a damaged record at byte`))
})

it('without a job all jobs are listed, and a wrong name gets a suggestion', async () => {
  const project = await createJob('weekly', await createJob('daily'))
  const done = await run(project, 'weekly', '--set', 'good=yes')
  const { stdout } = await project.pype(['runs'])
  expect(stdout).toMatch(/^daily\n {2}no runs\n\nweekly\n {2}run /)
  expect(stdout).toContain(done)
  expect(await project.pype(['runs', 'dayly'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "daily"?') })
  expect(await project.pype(['runs', '--limit', '0'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--limit') })
  expect(await createProject().pype(['runs'])).toMatchObject({ code: 2, stderr: expect.stringContaining('pype run FLOW.yaml') })
})
