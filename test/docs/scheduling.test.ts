import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, PYPE } from '../cli/pype-project.js'
import { readText } from './play-page.js'

/** The lines of a crontab: variables, and the command behind its five fields, as cron hands it to the shell. */
function readCrontab(text: string): { readonly command: string; readonly path: string } {
  const command = /^(?:\S+ +){5}(.*)$/m.exec(text)?.[1] ?? ''
  return { command: command.replaceAll('\\%', '%'), path: /^PATH=(.*)$/m.exec(text)?.[1] ?? '' }
}

const page = readText('docs/scheduling.md')
const crontab = /^```crontab\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''
const flow = /^```yaml sales.yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ''

// The page says what macOS has instead of `date -d`.
it.skipIf(process.platform === 'darwin')(
  'the line for the crontab runs the job for yesterday, and prints nothing unless it fails',
  async () => {
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const project = createProject({
      'sales.yaml': flow,
      'orders.csv': `day,amount\n${yesterday},10\n2020-01-01,1\n`,
      'bin/pype': `#!/bin/sh\nexec '${process.execPath}' '${PYPE}' "$@"\n`,
    })
    chmodSync(path.join(project.folder, 'bin/pype'), 0o755)
    expect((await project.pype(['build', 'sales.yaml'])).code).toBe(0)
    const { command, path: PATH } = readCrontab(crontab)
    const asCronDoes = () =>
      spawnSync('/bin/sh', ['-c', command.replace('/srv/shop', project.folder)], {
        env: { PATH: `${path.join(project.folder, 'bin')}:${PATH}`, TZ: 'UTC' },
        encoding: 'utf8',
      })
    expect(asCronDoes()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(project.read(`out/${yesterday}.csv`)).toBe(`day,amount\n${yesterday},10\n`)
    expect(project.read('sales.log')).toMatch(/^sales completed in /m)
    project.write('orders.csv', 'amount\n1\n')
    expect(asCronDoes()).toMatchObject({ stdout: 'sales: exit code 1, see sales.log\n', stderr: '' })
  },
)

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

it.skipIf(!hasSystemd)('systemd finds nothing wrong with the unit and its timer', () => {
  const units = [...page.matchAll(/^```ini (\S+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => [name, text] as const)
  expect(units.map(([name]) => name)).toEqual(['sales.service', 'sales.timer'])
  const project = createProject(Object.fromEntries(units))
  const files = units.map(([name]) => path.join(project.folder, name))
  const { stdout, stderr, status } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' })
  const found = `${stdout}${stderr}`.split('\n').filter((line) => /sales\.(service|timer)/.test(line))
  expect({ found, status }).toEqual({ found: [], status: 0 })
})
