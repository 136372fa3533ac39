import { chmodSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BadFlow } from './bad-flow.js'

/** Any user that is not root. */
const NOBODY = 65534

/** Nodes that must not do what they are told to: module, configs, the code of the error and what its message names. */
const REFUSED = {
  move_out: ['file_move', '{ from: locked/a.csv, to: open/x.csv }', 'FILE_UNWRITABLE', 'locked'],
  move_in: ['file_move', '{ from: open/a.csv, to: locked/x.csv }', 'FILE_UNWRITABLE', 'locked'],
  copy_in: ['file_copy', '{ from: open/a.csv, to: locked/x.csv }', 'FILE_UNWRITABLE', 'locked'],
  copy_secret: ['file_copy', '{ from: open/secret.csv, to: open/x.csv }', 'FILE_UNREADABLE', 'secret.csv'],
  move_secret: ['file_move', '{ from: open/secret.csv, to: open/x.csv }', 'FILE_UNREADABLE', 'secret.csv'],
  remove: ['file_delete', '{ path: locked/a.csv }', 'FILE_UNWRITABLE', 'locked'],
  remove_deep: ['file_delete', '{ path: open/deep, recursive: true }', 'FILE_UNWRITABLE', 'open/deep/locked'],
  remove_sticky: ['file_delete', '{ path: sticky/a.csv }', 'FILE_UNWRITABLE', 'sticky'],
  pack: ['archive', '{ from: open, to: open/x.zip }', 'FILE_UNREADABLE', 'secret.csv'],
  pack_in: ['archive', '{ from: locked, to: locked/x.tgz }', 'FILE_UNWRITABLE', 'locked'],
  unpack_in: ['unarchive', '{ from: some.tgz, to: locked }', 'FILE_UNWRITABLE', 'locked'],
  list: ['list_files', '{ path: closed }', 'FILE_UNREADABLE', 'closed'],
  wait: ['wait_for_file', '{ path: closed/a.csv, timeout: 0 }', 'FILE_UNREADABLE', 'closed/a.csv'],
} as const

test('files and folders without the right to them are coded errors, and nothing is moved, deleted or left', async (context) => {
  context.skip(process.getuid?.() !== 0, 'only root can run the command as somebody else')
  const flow = new BadFlow({
    'locked/a.csv': '',
    'open/a.csv': '',
    'open/secret.csv': '',
    'open/deep/locked/a.csv': '',
    'sticky/a.csv': '',
    'closed/a.csv': '',
  })
  const ids = Object.keys(REFUSED)
  await flow.build(`settings: { fail_strategy: continue }
modules:
  - { id: pack_some, name: archive, configs: { from: locked, to: some.tgz } }
${Object.entries(REFUSED)
  .map(([id, [name, configs]]) => `  - { id: ${id}, name: ${name}, configs: ${configs} }`)
  .join('\n')}
connections:
  data: []
  control: [${ids.map((id, i) => `"pack_some (${i + 1}|) ${id}"`).join(', ')}]`)
  for (const folder of ['.', 'open', 'open/deep', 'jobs/bad']) chmodSync(flow.path(folder), 0o777)
  chmodSync(flow.path('open/secret.csv'), 0o600)
  chmodSync(flow.path('sticky'), 0o1777)
  chmodSync(flow.path('closed'), 0o700)
  const before = readdirSync(flow.folder, { recursive: true }).filter((name) => !/^jobs|some/.test(String(name)))
  const { code, stderr } = await flow.pype(['run', 'jobs/bad'], { uid: NOBODY })
  expect(code, stderr).toBe(1)
  for (const [id, [, , error, says]] of Object.entries(REFUSED)) {
    const line = stderr.split('\n').find((each) => each.includes(`node ${id}:`))
    expect(line, `${id}\n${stderr}`).toContain(error)
    expect(line, id).toContain(says)
  }
  expect(readdirSync(flow.folder, { recursive: true }).filter((name) => !/^jobs|some/.test(String(name)))).toEqual(before)
})
