import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, watch } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { PYPE } from '../cli/pype-project.js'
import { createUserProject } from '../run/execution/user-project.js'
import { type Flow, ModuleProject, type Ran } from './module-flow.js'

/** Solos, one after the other, each of which may fail alone, with the count of each in the log. */
function flowOf(nodes: { readonly [id: string]: readonly [module: string, configs: object] }): Flow {
  const ids = Object.keys(nodes)
  return {
    modules: {
      begin: ['log', { message: 'begin' }],
      ...nodes,
      ...Object.fromEntries(ids.map((id) => [`${id}_said`, ['log', { message: `${id} {{${id}__count}}` }] as const])),
    },
    control: ids.flatMap((id, i) => [`begin (${i + 1}|) ${id}`, `${id} (1|) ${id}_said`]),
    settings: { fail_strategy: 'continue' },
  }
}

function countOf({ log }: Ran, id: string): number | undefined {
  const line = log.find(({ node, msg }) => node === `${id}_said` && msg.startsWith(`${id} `))
  return line === undefined ? undefined : Number(line.msg.split(' ')[1])
}

function errorOf({ summary }: Ran, id: string) {
  return summary.errors.find(({ node }) => node === id)
}

/** All files below a folder, hidden ones too. */
function tree(project: ModuleProject, folder: string): string[] {
  return readdirSync(project.path(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(project.path(folder), path.join(entry.parentPath, entry.name)))
    .sort()
}

test('file_copy copies one file to a path, several to a folder, with rights and times', async () => {
  const project = new ModuleProject({
    'in ü/a 1.csv': 'a',
    'in ü/b.csv': 'b',
    'in ü/c.txt': 'c',
    'in ü/.hidden.csv': '',
    'out/old.csv': 'old',
    'dir/x': '',
  })
  chmodSync(project.path('in ü/a 1.csv'), 0o640)
  chmodSync(project.path('out/old.csv'), 0o600)
  utimesSync(project.path('in ü/a 1.csv'), 1000, 2000.25)
  symlinkSync('a 1.csv', project.path('in ü/link'))
  const ran = await project.run(
    flowOf({
      one: ['file_copy', { from: 'in ü/a 1.csv', to: 'new/er ö/copy.csv' }],
      over: ['file_copy', { from: 'in ü/a 1.csv', to: 'out/old.csv' }],
      into: ['file_copy', { from: 'in ü/b.csv', to: 'dir' }],
      slash: ['file_copy', { from: 'in ü/b.csv', to: 'fresh/' }],
      glob: ['file_copy', { from: 'in ü/*.csv', to: 'all' }],
      list: ['file_copy', { from: ['in ü/c.txt', 'in ü/?.csv', project.path('in ü/c.txt')], to: 'list' }],
      linked: ['file_copy', { from: 'in ü/link', to: 'followed.csv' }],
    }),
  )
  expect(ran.summary.errors).toEqual([])
  expect(project.read('new/er ö/copy.csv')).toBe('a')
  const { mode, mtimeMs } = statSync(project.path('out/old.csv'))
  expect([project.read('out/old.csv'), mode & 0o777, mtimeMs]).toEqual(['a', 0o640, 2_000_250])
  expect(tree(project, 'dir')).toEqual(['b.csv', 'x'])
  expect(tree(project, 'fresh')).toEqual(['b.csv'])
  expect(tree(project, 'all')).toEqual(['a 1.csv', 'b.csv'])
  expect(tree(project, 'list')).toEqual(['b.csv', 'c.txt'])
  expect(project.read('followed.csv')).toBe('a')
  expect(['one', 'glob', 'list'].map((id) => countOf(ran, id))).toEqual([1, 2, 2])
  expect(tree(project, 'in ü')).toHaveLength(5)
})

test('file_move renames, moves into folders and to another file system', async () => {
  const project = new ModuleProject({
    'in ü/a.csv': 'a',
    'in ü/b.csv': 'b',
    'in ü/c.csv': 'c',
    'in ü/d.csv': 'd',
    'in ü/e.csv': 'e',
    'out/a.csv': 'old',
  })
  const other = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/pype-ü ') : project.path('other')
  mkdirSync(other, { recursive: true })
  try {
    const ran = await project.run(
      flowOf({
        over: ['file_move', { from: 'in ü/a.csv', to: 'out/a.csv' }],
        kept: ['file_move', { from: 'in ü/b.csv', to: 'out/a.csv', mode: 'skip' }],
        renamed: ['file_move', { from: 'in ü/b.csv', to: 'in ü/ren ö.csv', mode: 'error_if_exists' }],
        far: ['file_move', { from: ['in ü/c.csv', 'in ü/d.csv'], to: other }],
        last: ['file_move', { from: 'in ü/*', to: 'done' }],
      }),
    )
    expect(ran.summary.errors).toEqual([])
    expect(readdirSync(other).sort()).toEqual(['c.csv', 'd.csv'])
    expect(project.read('out/a.csv')).toBe('a')
    expect(tree(project, 'done')).toEqual(['e.csv', 'ren ö.csv'])
    expect(tree(project, 'in ü')).toEqual([])
    expect(['over', 'kept', 'far', 'last'].map((id) => countOf(ran, id))).toEqual([1, 0, 2, 2])
  } finally {
    rmSync(other, { recursive: true })
  }
})

test('file_copy and file_move say what is wrong, and do nothing then', async () => {
  const files = { 'in/a.csv': 'a', 'in/sub/a.csv': 'sub', 'out/a.csv': 'old', 'dir/a.csv/inside': '' }
  const project = new ModuleProject(files)
  const before = tree(project, '.')
  const wrong: { readonly [id: string]: readonly [configs: object, code: string, message: string] } = {
    missing: [{ from: 'in/none.csv', to: 'x' }, 'FILE_NOT_FOUND', 'in/none.csv does not exist'],
    noMatch: [{ from: 'in/*.xml', to: 'x' }, 'FILE_NOT_FOUND', 'matches nothing'],
    oneOfThem: [{ from: ['in/a.csv', 'in/none.csv'], to: 'x' }, 'FILE_NOT_FOUND', 'in/none.csv'],
    folder: [{ from: 'in', to: 'x' }, 'FILE_UNREADABLE', 'is a folder, expected a file'],
    itself: [{ from: 'in/a.csv', to: './in/a.csv' }, 'CONFIG_INVALID', 'the source and the target'],
    intoItself: [{ from: 'in/a.csv', to: 'in' }, 'CONFIG_INVALID', 'the source and the target'],
    clash: [{ from: 'in/**/a.csv', to: 'x' }, 'NAME_CLASH', 'would both become x/a.csv'],
    file: [{ from: 'in/*.csv', to: 'out/a.csv' }, 'FILE_UNWRITABLE', 'is a file, expected a folder'],
    onFolder: [{ from: 'in/a.csv', to: 'dir' }, 'FILE_UNWRITABLE', 'is a folder'],
    exists: [{ from: 'in/a.csv', to: 'out', mode: 'error_if_exists' }, 'TARGET_EXISTS', 'out/a.csv exists already'],
    belowFile: [{ from: 'in/a.csv', to: 'out/a.csv/x.csv' }, 'FILE_UNWRITABLE', 'out/a.csv'],
  }
  for (const module of ['file_copy', 'file_move']) {
    const ran = await project.run(
      flowOf(Object.fromEntries(Object.entries(wrong).map(([id, [configs]]) => [id, [module, configs] as const]))),
    )
    for (const [id, [, code, message]] of Object.entries(wrong)) {
      expect(errorOf(ran, id), `${module} ${id}`).toMatchObject({ code, message: expect.stringContaining(message) })
      expect(errorOf(ran, id)?.hint, `${module} ${id}`).toBeTruthy()
    }
    expect(tree(project, '.').filter((file) => !/^(jobs|flow)/.test(file))).toEqual(before)
    expect(existsSync(project.path('x'))).toBe(false)
  }
})

test('file_delete deletes files, links and, where it may, folders', async () => {
  const project = new ModuleProject({
    'a.csv': '',
    'tmp ü/b.csv': '',
    'tmp ü/c.csv': '',
    'tmp ü/.hid': '',
    'work/x/1': '',
    'work/2': '',
    'real/r': '',
    'w/y/1': '',
    'w/2': '',
  })
  symlinkSync('real', project.path('link'))
  symlinkSync('none', project.path('broken'))
  const ran = await project.run(
    flowOf({
      one: ['file_delete', { path: 'a.csv' }],
      again: ['file_delete', { path: 'a.csv' }],
      strict: ['file_delete', { path: 'a.csv', missing_ok: false }],
      glob: ['file_delete', { path: 'tmp ü/*' }],
      links: ['file_delete', { path: ['link', 'broken'] }],
      folder: ['file_delete', { path: 'work' }],
      whole: ['file_delete', { path: ['work', 'work/2'], recursive: true }],
      content: ['file_delete', { path: 'w/**', recursive: true }],
      here: ['file_delete', { path: '.', recursive: true }],
    }),
  )
  expect(tree(project, '.').filter((file) => !/^(jobs|flow)/.test(file))).toEqual(['real/r', 'tmp ü/.hid'])
  expect(['one', 'again', 'glob', 'links', 'whole', 'content'].map((id) => countOf(ran, id))).toEqual([1, 0, 2, 2, 1, 2])
  expect(errorOf(ran, 'strict')).toMatchObject({ code: 'FILE_NOT_FOUND' })
  expect(errorOf(ran, 'folder')).toMatchObject({ code: 'FILE_UNWRITABLE', hint: expect.stringContaining('recursive') })
  expect(errorOf(ran, 'here')).toMatchObject({ code: 'FILE_UNWRITABLE' })
  expect(readdirSync(project.path('w'))).toEqual([])
})

const MOVING_SINK = `
import { existsSync } from 'node:fs'
import { defineModule } from 'pypeline/sdk'
export default defineModule({
  name: 'moving_sink', type: 'sink', version: '1.0.0', description: 'Moves a file, and falls.', category: 'Test',
  inputPorts: ['input'], outputPorts: [], globals: {}, packages: [],
  config: { required: { from: { type: 'path', description: 'File.', example: 'a' }, falls: { type: 'int', description: 'Attempts.', example: 1 } }, optional: {} },
  run: async (_, ctx) => {
    if (!existsSync(ctx.cwd + '/' + ctx.config.from)) throw new Error('it has been moved before')
    await ctx.stageMove(ctx.config.from, 'done/moved.csv', 'replace')
    await ctx.stageDelete('old.csv')
    await ctx.stageCopy('kept.csv', 'copy.csv', 'create')
    if (ctx.attempt <= ctx.config.falls) throw new Error('it falls')
  },
})`

let cleanUp: (() => void) | undefined
afterEach(() => cleanUp?.())

test.each([
  [1, 'completed', ['copy.csv', 'done/moved.csv', 'kept.csv']],
  [9, 'failed', ['in.csv', 'kept.csv', 'old.csv']],
] as const)('a sub flow that falls %i times after it staged a move has moved nothing by then', async (falls, status, files) => {
  const place = await createUserProject({ 'modules/sinks/moving_sink.ts': MOVING_SINK })
  cleanUp = () => place.remove()
  for (const name of ['in.csv', 'old.csv', 'kept.csv']) place.write(name, name)
  const job = await place.build(`settings: { retries: 1, retry_delay: 0 }
modules:
  - { id: rows, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: moves, name: moving_sink, configs: { from: in.csv, falls: ${falls} } }
connections: { data: ["rows.data - moves.input"], control: [] }`)
  const summary = await place.run(job)
  expect(summary.status).toBe(status)
  expect(summary.errors.map(({ message }) => message).join()).toMatch(status === 'failed' ? /it falls/ : /^$/)
  const found = readdirSync(place.root, { recursive: true })
    .map(String)
    .filter((file) => /csv$/.test(file))
  expect(found.sort()).toEqual(files)
})

test('a process that is killed while it moves and deletes files: the next start finishes what was begun', async () => {
  const project = new ModuleProject()
  const count = 400
  for (let i = 0; i < count; i++) project.write(`in ü/${i}.csv`, String(i))
  mkdirSync(project.path('done'))
  const job = await project.build({ modules: { move: ['file_move', { from: 'in ü/*.csv', to: 'done' }] } })
  const child: ChildProcess = spawn(process.execPath, [PYPE, 'run', job], { cwd: project.folder, stdio: 'ignore' })
  cleanUp = () => void child.kill('SIGKILL')
  const closed = once(child, 'close')
  const watcher = watch(project.path('done'))
  // What comes there first that is not hidden has been renamed by the commit.
  const begins = new Promise<void>((resolve) => {
    watcher.on('change', (_, name) => String(name).startsWith('.') || resolve())
  })
  await Promise.race([begins, closed])
  watcher.close()
  child.kill('SIGKILL')
  await closed
  const begun = readdirSync(project.path('done')).filter((name) => !name.startsWith('.')).length
  expect(begun).toBeGreaterThan(0)
  // Its own move finds no file any more; what the other run began is finished before.
  const [code] = await once(spawn(process.execPath, [PYPE, 'run', job], { cwd: project.folder, stdio: 'ignore' }), 'close')
  expect(code).toBe(1)
  expect(readdirSync(project.path('done'))).toHaveLength(count)
  expect(readdirSync(project.path('in ü'))).toEqual([])
})
