import { spawnSync } from 'node:child_process'
import { lstatSync, readdirSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, PYPE } from './pype-project.js'

const LOOSE = 'flow:   {name: x}\n'
const TIDY = 'flow: { name: x }\n'

it('files are laid out in place, and told from those that are already', async () => {
  const project = createProject({ 'a.yaml': LOOSE, 'b.yaml': TIDY })
  symlinkSync('a.yaml', path.join(project.folder, 'link.yaml'))
  const mode = statSync(path.join(project.folder, 'a.yaml')).mode
  expect(await project.pype(['format', 'link.yaml', 'b.yaml'])).toEqual({
    code: 0,
    stdout: 'link.yaml is formatted.\nb.yaml is formatted already.\n',
    stderr: '',
  })
  expect(project.read('a.yaml')).toBe(TIDY)
  expect(lstatSync(path.join(project.folder, 'link.yaml')).isSymbolicLink()).toBe(true)
  expect(statSync(path.join(project.folder, 'a.yaml')).mode).toBe(mode)
  expect(readdirSync(project.folder).sort()).toEqual(['a.yaml', 'b.yaml', 'link.yaml'])
})

it('--check names what would change, writes nothing and exits with 1', async () => {
  const project = createProject({ 'a.yaml': LOOSE, 'b.yaml': TIDY })
  expect(await project.pype(['format', '--check', 'a.yaml', 'b.yaml'])).toEqual({ code: 1, stdout: 'a.yaml would change.\n', stderr: '' })
  expect(project.read('a.yaml')).toBe(LOOSE)
  expect(await project.pype(['format', '--check', 'b.yaml'])).toEqual({ code: 0, stdout: '', stderr: '' })
})

it('- is stdin and stdout; a file that is no YAML is left as it is, with the place of the fault', async () => {
  const piped = spawnSync(process.execPath, [PYPE, 'format', '-'], { input: LOOSE, encoding: 'utf8' })
  expect(piped).toMatchObject({ status: 0, stdout: TIDY })
  const project = createProject({ 'a.yaml': 'flow: {' })
  expect(await project.pype(['format', 'a.yaml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('error YAML_SYNTAX') })
  expect(project.read('a.yaml')).toBe('flow: {')
})
