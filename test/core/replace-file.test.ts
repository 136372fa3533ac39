import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { replaceFile } from '../../src/core/replace-file.js'
import { createProject, PYPE } from '../cli/pype-project.js'

it('a file keeps its rights, a link stays one, and a file that is not there is made', async () => {
  const { folder } = createProject()
  const [file, link, made] = ['file', 'link', 'made'].map((name) => path.join(folder, name)) as [string, string, string]
  writeFileSync(file, 'before', { mode: 0o600 })
  symlinkSync('file', link)
  await replaceFile(link, 'after')
  await replaceFile(made, 'new')
  expect([readFileSync(file, 'utf8'), readFileSync(made, 'utf8')]).toEqual(['after', 'new'])
  expect([statSync(file).mode & 0o777, lstatSync(link).isSymbolicLink()]).toEqual([0o600, true])
  expect(readdirSync(folder).sort()).toEqual(['file', 'link', 'made'])
})

it('what cannot be written leaves nothing behind', async () => {
  const { folder } = createProject()
  mkdirSync(path.join(folder, 'taken'))
  const error = { code: 'FILE_UNWRITABLE', hint: expect.any(String) }
  await expect(replaceFile(path.join(folder, 'taken'), 'x')).rejects.toMatchObject(error)
  await expect(replaceFile(path.join(folder, 'gone/file'), 'x')).rejects.toMatchObject(error)
  expect(readdirSync(folder)).toEqual(['taken'])
})

it('files of the user stay as they were when they cannot be written whole', async () => {
  const flow = `flow:   { name: small, version: 1.0.0, authors: [me], created: "2026-01-01" }
modules:
  - { id: rows, name: csv_source, configs: { file_path: rows.csv } }
  - { id: out, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: [rows.data - out.input], control: [] }
`
  const test = 'flow: ../small.yaml\ncases: [{ name: one, files: { rows.csv: ../rows.csv }, expect: { rows: { out: [] } } }]\n'
  const project = createProject({ 'small.yaml': flow, 'rows.csv': 'a\n1\n', 'tests/one.test.yaml': test })
  await project.pype(['columns', 'small.yaml', '--lock'])
  const files = ['small.yaml', 'small.schema.json', 'tests/one.test.yaml']
  const before = files.map(project.read)
  project.write('rows.csv', 'a,b\n1,2\n')
  // No file may have a single byte more, as on a full disk.
  const limited = (command: string) =>
    spawnSync('/bin/sh', ['-c', `ulimit -f 0; '${process.execPath}' '${PYPE}' ${command}`], { cwd: project.folder, encoding: 'utf8' })
  for (const command of ['columns small.yaml --lock', 'format small.yaml', 'graph small.yaml --out small.yaml', 'new flow other']) {
    const { status, stderr } = limited(command)
    expect({ command, status, stderr }).toEqual({
      command,
      status: 1,
      stderr: expect.stringMatching(/^error (FILE_UNWRITABLE|DISK_FULL) /),
    })
  }
  expect(files.map(project.read)).toEqual(before)
  expect(readdirSync(project.folder).sort()).toEqual(['rows.csv', 'small.schema.json', 'small.yaml', 'tests'])
})
