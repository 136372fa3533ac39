import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createProject } from '../cli/pype-project.js'

const README = readText('README.md')

test('the flow of the README builds and runs as it stands', async () => {
  const project = createProject({ 'people.csv': block('people.csv'), 'adults.yaml': block('adults.yaml') })
  for (const args of [
    ['validate', 'adults.yaml'],
    ['build', 'adults.yaml'],
    ['run', 'jobs/adults'],
  ]) {
    expect(await project.pype(args)).toMatchObject({ code: 0 })
  }
  const [header, ...rows] = project.read('adults.csv').trim().split('\n')
  expect([header, ...rows.sort()]).toEqual(['city,people,oldest', 'London,1,36', 'New York,1,45'])
})

test('the module of the README can be registered as it stands', async () => {
  const project = createProject({ 'modules/mods/trim_mod.ts': block('modules/mods/trim_mod.ts') })
  expect(await project.pype(['auto-register'])).toMatchObject({ code: 0, stderr: '' })
  expect(await project.pype(['list-modules', 'trim_mod'])).toMatchObject({ code: 0, stderr: '' })
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
  expect(named.filter((name) => !Object.hasOwn(scripts, name) && !['ci', 'link'].includes(name))).toEqual([])
})

test('the test command of the README is what the continuous integration runs', () => {
  const [command = ''] = /npm ci && npm test/.exec(README) ?? []
  expect(
    readText('.ci/run')
      .split('\n')
      .filter((line) => line.startsWith('npm')),
  ).toEqual(command.split(' && '))
})

function block(name: string): string {
  const found = new RegExp(`^\`\`\`[a-z]+ ${name.replaceAll('.', '\\.')}\n([^]*?)^\`\`\`$`, 'm').exec(README)
  return found?.[1] ?? ''
}

function readText(file: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')
}
