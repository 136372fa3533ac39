import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, PYPE, type PypeProject } from './pype-project.js'

const FLOW = `flow: { name: daily, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules: [{ id: tell, name: log, configs: { message: "{{context.day}}" } }]
connections: { data: [], control: [] }
`
const RUNS = ['20260101T060000123-a1b2c3', '20260102T060000123-a1b2c3']

/** A project with a job that has a completed run and one without an end, and a command `pype` in it for a shell. */
async function createShellProject(): Promise<PypeProject> {
  const project = createProject({
    'flows/daily.yaml': FLOW,
    'flows/my flow.yml': FLOW,
    'notes.txt': '',
    'bin/pype': `#!/bin/sh\nexec '${process.execPath}' '${PYPE}' "$@"\n`,
  })
  chmodSync(path.join(project.folder, 'bin/pype'), 0o755)
  expect(await project.pype(['build', 'flows/daily.yaml'])).toMatchObject({ code: 0 })
  project.write(`jobs/daily/runs/${RUNS[0]}/summary.json`, '{ "status": "completed" }')
  project.write(`jobs/daily/runs/${RUNS[1]}/journal.log`, '')
  return project
}

function runShell({ folder }: PypeProject, shell: string, args: readonly string[]): string {
  // A locale that is not installed is a warning of the shell.
  const env = { ...process.env, LC_ALL: 'C', PATH: `${path.join(folder, 'bin')}:${process.env.PATH}` }
  const { stdout, stderr, status } = spawnSync(shell, args, { cwd: folder, env, encoding: 'utf8' })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout
}

async function complete(project: PypeProject, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, code } = await project.pype(['complete', '--', ...words])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t')[0] ?? '')
}

it('bash completes commands, options, jobs, flows and runs, in words that it splits and quotes itself', async () => {
  const project = await createShellProject()
  // What readline does: it sets the words and calls the function that `complete -p` names.
  const script = `source <(pype completion bash)
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "$(complete -p pype | sed 's/.*-F \\([^ ]*\\).*/\\1/')" pype; echo "\${COMPREPLY[*]}"; }
ask pype list-
ask pype run ''
ask pype run daily --resu
ask pype run daily --resume ''
ask pype graph daily --run ''
ask pype build f
ask pype validate flows/
ask pype graph daily --format = sv
ask pype run '$(touch evaluated)' --da`
  expect(runShell(project, 'bash', ['--norc', '-c', script]).split('\n')).toEqual([
    'list-modules',
    'daily bin/ flows/ jobs/',
    '--resume',
    `${RUNS[1]} auto`,
    `${RUNS[1]} ${RUNS[0]}`,
    'flows/',
    'flows/daily.yaml flows/my\\ flow.yml',
    'svg',
    '--date',
    '',
  ])
  expect(await complete(project, 'graph', 'evaluated')).toEqual([':words'])
})

const hasShell = (shell: string) => spawnSync(shell, ['--version']).status === 0

it.skipIf(!hasShell('fish'))('fish completes with descriptions', async () => {
  const project = await createShellProject()
  const ask = (line: string) =>
    runShell(project, 'fish', ['--no-config', '-c', `pype completion fish | source; complete -C '${line}'`]).split('\n')
  expect(ask('pype run d')).toEqual(['daily\tjob', ''])
  expect(ask('pype graph --format s')).toEqual(['svg', ''])
  expect(ask('pype graph daily --out no')).toEqual(['notes.txt', ''])
})

it.skipIf(!hasShell('zsh'))('zsh reads its script', async () => {
  const project = await createShellProject()
  const script = 'autoload -Uz compinit; compinit -u -D; source <(pype completion zsh); print $_comps[pype]'
  expect(runShell(project, 'zsh', ['-f', '-c', script])).toBe('_pype\n')
})

it('nodes, contexts, context values and modules are known, a path is left to the shell, and what nobody can guess is empty', async () => {
  const project = await createShellProject()
  expect(await complete(project, 'run', 'daily', '--resume', '--again', '')).toEqual([':words', 'tell'])
  expect(await complete(project, 'run', 'daily', '--context', '')).toEqual([':words', 'default'])
  expect(await complete(project, 'run', 'daily', '--set', 'd')).toEqual([':words', 'day='])
  expect(await complete(project, 'run', 'daily', '--runs', '')).toEqual([':files'])
  expect(await complete(project, 'run', 'daily', '--date', '')).toEqual([':words'])
  expect(await complete(project, 'list-modules', 'limit')).toEqual([':words', 'limit_mod'])
  expect(await complete(project, 'new', '')).toEqual([':words', 'flow', 'module'])
  expect(await complete(project, 'new', 'module', 'one', '--type', 'so')).toEqual([':words', 'source', 'solo'])
  expect(await complete(project, 'new', 'flow', 'one', '--from', '')).toEqual([':files'])
  expect(await complete(project, 'graph', '--format=m')).toEqual([':words', '--format=mermaid'])
})

it('a shell without a script gets a suggestion', async () => {
  expect(await createProject().pype(['completion', 'bsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "bash"?'),
  })
})
