import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, PYPE, readSummary } from '../pype-project.js'

const FLOW = `flow: { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
settings: { fail_strategy: continue }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }, { a: 2 }] } }
  - { id: out, name: csv_sink, configs: { output_path: "größe out.csv" } }
  - { id: list, name: inline_source, configs: { rows: ${JSON.stringify(Array.from({ length: 20 }, (_, n) => ({ n })))} } }
  - { id: each, name: set_global, configs: { values: { n: "{{iter.item.n}}" } } }
  - { id: one, name: inline_source, configs: { rows: [{ b: 1 }] } }
  - { id: check, name: sql_mod, configs: { sql: "SELECT CASE WHEN {{context.bad}} THEN error('bad day') ELSE 1 END AS ok FROM input" } }
  - { id: checked, name: csv_sink, configs: { output_path: checked.csv } }
connections:
  data: [rows.data - out.input, one.data - check.input, check.output - checked.input]
  control: ["out (1|) list", "list (1|iterate) each", "list (2|) one"]
`

async function buildSmall() {
  const project = createProject({ 'small.yaml': FLOW })
  project.write('context/small_default.json', '{ "bad": false }')
  return project
}

/** The JSON lines of a run. */
const linesOf = (stdout: string): readonly { readonly [field: string]: unknown }[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

it('without a terminal a run prints a line for each event, loops by tenths, then the summary; with --json events, with --quiet nothing', async () => {
  const project = await buildSmall()
  expect(await project.pype(['build', 'small.yaml'])).toMatchObject({ code: 0 })
  const [plain, json, quiet] = await Promise.all(
    [[], ['--json'], ['--quiet']].map((flags, i) => project.pype(['run', 'small', ...flags, '--runs', `runs${i}`])),
  )
  expect([plain?.code, json?.code, quiet?.code], plain?.stderr).toEqual([0, 0, 0])
  const said = plain?.stderr.split('\n').map((line) => line.replace(/^ *\d+\.\d\d s {2}/, '').replace(/\d+\.\d\d s/, 'N s')) ?? []
  expect(said.slice(0, 4)).toEqual([
    expect.stringMatching(/^run of small started \(\S+\)$/),
    'rows completed: 2 rows',
    expect.stringMatching(/^out completed: 2 rows, \d+ B, N s$/),
    'rows completed in N s',
  ])
  expect(said.filter((line) => line.includes(' of 20 items of list'))).toHaveLength(10)
  expect(plain?.stderr).toMatch(/\nsmall completed in [\s\S]*\nlog and journal: .*\n$/)
  expect(plain?.stdout).toMatch(/^\S+ completed\n$/)

  const events = linesOf(json?.stdout ?? '')
  expect(events[0]).toMatchObject({
    event: 'run.started',
    job: 'small',
    level: 'info',
    msg: 'run of small started',
    run: expect.any(String),
  })
  expect(events.filter(({ event }) => event === 'frame.ended')).toHaveLength(20)
  expect(events.find(({ event, node }) => event === 'node.completed' && node === 'out')).toMatchObject({ rows: 2 })
  expect(events.at(-1)).toMatchObject({ event: 'summary', status: 'completed', nodes: expect.any(Array) })
  expect(quiet).toMatchObject({ stdout: '', stderr: '' })
})

it('a failure shows the error with its place and the resume command, with --quiet just these', async () => {
  const project = await buildSmall()
  await project.pype(['build', 'small.yaml'])
  const { code, stdout, stderr } = await project.pype(['run', 'small', '--set', 'bad=true', '--quiet'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(
    /^jobs\/small\/small\.yaml:9:\d+ {2}error SQL_FAILED {2}node check: .*bad day[\s\S]*\^[\s\S]*\nto resume it: pype run small --resume \S+\n$/,
  )
  const dates = await project.pype(['run', 'small', '--from', '2026-01-01', '--to', '2026-01-02', '--json'])
  expect(readSummary(dates.stdout)).toMatchObject({
    event: 'summary',
    status: 'completed',
    runs: [{ status: 'completed' }, { status: 'completed' }],
  })
})

it('goes on to its end when nobody reads what it prints', async () => {
  const project = await buildSmall()
  await project.pype(['build', 'small.yaml'])
  const command = `'${process.execPath}' '${PYPE}' run small --json 2>&1 | head -n 1`
  expect(spawnSync('/bin/sh', ['-c', command], { cwd: project.folder, encoding: 'utf8' }).stdout).toContain('run.started')
  const listed = await project.pype(['runs', 'small', '--json'])
  expect(JSON.parse(listed.stdout)[0].runs[0].status).toBe('completed')
  expect(project.read(path.join('checked.csv'))).toBe('ok\n1\n')
})

// The device stands for a file on a full disk; other systems than Linux have none.
it.runIf(existsSync('/dev/full'))('goes on to its end when what it prints cannot be written, and says so', async () => {
  const project = await buildSmall()
  await project.pype(['build', 'small.yaml'])
  const call = (command: string) => spawnSync('/bin/sh', ['-c', `'${process.execPath}' '${PYPE}' ${command}`], { cwd: project.folder })
  const results = call('run small --json --quiet > /dev/full')
  expect(String(results.stderr)).toMatch(
    /^error FILE_UNWRITABLE {2}The standard output cannot be written \(ENOSPC\)[^\n]*\n {2}hint: .*\n$/,
  )
  expect([results.status, call('run small > /dev/full 2>&1').status, call('run small 2> /dev/full').status]).toEqual([1, 1, 0])
  const listed = await project.pype(['runs', 'small', '--json'])
  const statuses = JSON.parse(listed.stdout)[0].runs.map(({ status }: { status: string }) => status)
  expect(statuses).toEqual(['completed', 'completed', 'completed'])
})
