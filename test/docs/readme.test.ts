import { expect, test } from 'vitest'
import { createProject } from '../cli/pype-project.js'
import { playPage, readText } from './play-page.js'

const README = readText('README.md')

test('the flow and the module of the README work as they stand', async () => {
  const project = createProject()
  await playPage('README.md', project)
  const [header, ...rows] = project.read('adults.csv').trim().split('\n')
  expect([header, ...rows.sort()]).toEqual(['city,people,oldest', 'London,1,36', 'New York,1,45'])
})

test('every command in the README exists, and every command is in the README', async () => {
  const { stdout } = await createProject().pype(['--help'])
  const commands = [...stdout.matchAll(/^ {2}([a-z][a-z-]+) /gm)].map(([, name]) => name).filter((name) => name !== 'help')
  const documented = [...README.matchAll(/^\| `pype ([a-z-]+)/gm)].map(([, name]) => name)
  expect(documented.sort()).toEqual(commands.sort())
})

test.each(['README.md', 'CONTRIBUTING.md', '.ci/run'])('every npm script that %s names exists', (file) => {
  const { scripts } = JSON.parse(readText('package.json'))
  const named = [...readText(file).matchAll(/npm (?:run )?([a-z:0-9]+)/g)].map(([, name = '']) => name)
  expect(named.filter((name) => !Object.hasOwn(scripts, name) && !['ci', 'install', 'link'].includes(name))).toEqual([])
})

test('the test command of the README is what the continuous integration runs', () => {
  const [command = ''] = /npm ci && npm test/.exec(README) ?? []
  expect(
    readText('.ci/run')
      .split('\n')
      .filter((line) => line.startsWith('npm')),
  ).toEqual(command.split(' && '))
})
