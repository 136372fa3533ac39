import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { LogFormat } from '../../../src/cli/past-runs/format-log.js'
import { readSince } from '../../../src/cli/past-runs/read-since.js'
import { parseLogLine } from '../../../src/run/history/log-entry.js'
import { readLogEntries } from '../../../src/run/history/read-log.js'
import { RunPlace, SLOW_FLOW } from '../../run/overlap/run-processes.js'
import { PYPE, runPype } from '../pype-project.js'
import { plainPage } from '../terminal/plain-page.js'
import { usePastRuns } from './past-project.js'

const place = usePastRuns()

async function read(run: string, wanted: { name?: string; level?: 'warn' | 'error'; since?: string; tail?: number } = {}) {
  const counts = { lines: 0, shown: 0, unreadable: 0 }
  const messages: string[] = []
  for await (const entries of readLogEntries(place.runs, run, { ...wanted, follow: false, counts }))
    messages.push(...entries.map(({ message }) => message))
  return { messages, counts }
}

it('lines are chosen by node, sub flow, pass, level and number', async () => {
  const { completed, failed } = place.ids
  expect((await read(completed, { name: 'each#1' })).messages).toContain('pass 2')
  expect((await read(completed, { name: 'each#1' })).messages).not.toContain('pass 1')
  expect((await read(completed, { name: 'each' })).messages).toEqual(expect.arrayContaining(['pass 1', 'pass 2', 'pass 3']))
  expect((await read(completed, { name: 'kept' })).messages).toContain('kept to check taken')
  expect((await read(failed, { level: 'error' })).messages).toEqual([
    'check failed: The command ended with exit code 1.',
    'check failed: The command ended with exit code 1.',
    expect.stringMatching(/^run failed after /),
    'check failed: The command ended with exit code 1.',
    'check failed: The command ended with exit code 1.',
    expect.stringMatching(/^run failed after /),
  ])
  expect((await read(failed, { tail: 1 })).messages).toEqual([expect.stringMatching(/^run failed after /)])
  expect((await read(place.ids.killed)).counts.unreadable).toBe(1)
})

it('lines are chosen by their time', async () => {
  const { completed } = place.ids
  const all = await read(completed)
  expect((await read(completed, { since: '2000-01-01T00:00:00.000Z' })).messages).toEqual(all.messages)
  expect(await read(completed, { since: '2999-01-01T00:00:00.000Z' })).toMatchObject({ messages: [], counts: { lines: all.counts.lines } })
})

it.each([
  ['90s', '2026-03-01T11:58:30.000Z'],
  ['10m', '2026-03-01T11:50:00.000Z'],
  ['2h', '2026-03-01T10:00:00.000Z'],
  ['1d', '2026-02-28T12:00:00.000Z'],
  ['2026-02-28', '2026-02-28T00:00:00.000Z'],
  ['2026-02-28T10:00', '2026-02-28T10:00:00.000Z'],
  ['2026-02-28 10:00:05.5', '2026-02-28T10:00:05.500Z'],
  ['2026-02-28T10:00+09:00', '2026-02-28T01:00:00.000Z'],
  ['2026-02-28T10:00Z', '2026-02-28T10:00:00.000Z'],
])('--since %s is %s, in every time zone', (text, moment) => {
  expect(readSince(text, new Date('2026-03-01T12:00:00Z'))).toBe(moment)
})

it.each(['', '10', 'm', '10 m', '1.5h', '2026-02-31', '2026-02-28T25:00', '2026-02-28+09:00', 'yesterday', '-5m', '9999999d'])(
  '--since %s is refused',
  (text) => {
    expect(() => readSince(text, new Date())).toThrow(`--since ${text} is no moment.`)
  },
)

it('a line is written for people, with the code and the hint of an error, and nothing that steers the terminal', () => {
  const format = new LogFormat(plainPage(80))
  const line = (fields: object) => {
    const entry = parseLogLine(JSON.stringify({ level: 'info', time: '2026-01-31T06:00:00.123Z', run: 'x', ...fields }))
    return entry === undefined ? undefined : format.format(entry)
  }
  expect(line({ event: 'subflow.completed', subFlow: 'load', seconds: 1.23456, recorded: false, msg: 'load completed' })).toBe(
    '2026-01-31 (UTC)\n06:00:00.123 info   sub flow load completed  seconds=1.235\n',
  )
  expect(line({ event: 'log', node: 'call', frame: '2', status: 200, text: 'two words', msg: 'one\ntwo\u001b[2J' })).toBe(
    '06:00:00.123 info   call#2: one  status=200 text="two words"\n                    two\uFFFD[2J\n',
  )
  const at = { file: 'jobs/a/a.yaml', line: 3, column: 5 }
  expect(
    line({
      level: 'error',
      event: 'node.failed',
      node: 'a',
      error: { code: 'BAD_ROW', message: 'no', hint: 'mend it', at },
      msg: 'a failed: no',
    }),
  ).toBe('06:00:00.123 error  a failed: no\n                    BAD_ROW  jobs/a/a.yaml:3:5\n                    hint: mend it\n')
  // The same error, in the lines of its sub flow and its run.
  const error = { code: 'BAD_ROW', message: 'no', node: 'a', hint: 'mend it', at }
  expect(line({ level: 'error', event: 'subflow.failed', subFlow: 'a', error, msg: 'a failed: no' })).toBe(
    '06:00:00.123 error  sub flow a failed: BAD_ROW\n',
  )
  expect(line({ level: 'error', event: 'run.completed', error, msg: 'run failed after 1 s' })).toBe(
    '06:00:00.123 error  run failed after 1 s: BAD_ROW of node a\n',
  )
  // It happens again.
  expect(line({ level: 'error', event: 'node.failed', node: 'a', error: { code: 'BAD_ROW', message: 'no' }, msg: 'a failed: no' })).toBe(
    '06:00:00.123 error  a failed: no\n                    BAD_ROW\n',
  )
  expect([line({ msg: 5 }), parseLogLine('{"level":"in')]).toEqual([undefined, undefined])
})

it('the command prints lines, raw ones too, and says when there are none', async () => {
  const { failed } = place.ids
  const { stdout, stderr } = await runPype(['logs', failed, '--level', 'error', '--tail', '1'], place.root, {})
  expect(stderr).toBe('')
  expect(stdout).toMatch(
    /^\d{4}-\d\d-\d\d \(UTC\)\n\d\d:\d\d:\d\d\.\d{3} error {2}run failed after .*\n +COMMAND_FAILED .*daily\.yaml:\d+:\d+\n +The command ended with exit code 1\.\n +hint: /,
  )
  const raw = await runPype(['logs', 'daily~1', '--node', 'check', '--json', '--tail', '1'], place.root, {})
  expect(JSON.parse(raw.stdout)).toMatchObject({ run: failed, level: 'error', subFlow: 'check' })
  const unknown = await runPype(['logs', failed, '--node', 'chek'], place.root, {})
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "check"?') })
  expect(await runPype(['logs', place.ids.completed, '--level', 'error'], place.root, {})).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('no line of level error or above'),
  })
})

it('--follow prints what comes, and ends with the run, also when that is killed', async () => {
  const running = new RunPlace()
  await running.build(SLOW_FLOW)
  const { child, id, ended } = await running.startEndless()
  const follower = spawn(process.execPath, [PYPE, 'logs', id.slice(-6), '--follow'], { cwd: running.root })
  let printed = ''
  const begun = new Promise<void>((resolve) => {
    follower.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.includes('sub flow rows started')) resolve()
    })
  })
  await begun
  expect(follower.exitCode).toBeNull()
  const closed = new Promise<number | null>((resolve) => follower.once('close', resolve))
  child.kill('SIGKILL')
  await ended
  expect(await closed).toBe(0)
  expect(printed).toMatch(/run of sample started/)
})
