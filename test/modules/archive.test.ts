import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { type Flow, ModuleProject, type Ran } from './module-flow.js'

/** Solos, one after the other, each of which may fail alone. */
function flowOf(nodes: { readonly [id: string]: readonly [module: string, configs: object] }): Flow {
  return {
    modules: { begin: ['log', { message: 'begin' }], ...nodes },
    control: Object.keys(nodes).map((id, i) => `begin (${i + 1}|) ${id}`),
    settings: { fail_strategy: 'continue' },
  }
}

function errorOf({ summary }: Ran, id: string) {
  return summary.errors.find(({ node }) => node === id)
}

/** All files and folders below a folder, hidden ones too. */
function tree(project: ModuleProject, folder: string): string[] {
  return readdirSync(project.path(folder), { recursive: true }).map(String).sort()
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

const BIG = 'ü0123456789\n'.repeat(300_000)

test('archive and unarchive bring a folder back as it was, in both formats', async () => {
  const long = `${'ordner '.repeat(20)}/${'ä'.repeat(100)}.csv`
  const project = new ModuleProject({
    'out ü/b.csv': 'b',
    'out ü/a.csv': BIG,
    [`out ü/${long}`]: 'long',
    'out ü/.hidden': 'h',
    'out ü/empty.csv': '',
    'out ü/.pype-1-x': '',
  })
  mkdirSync(project.path('out ü/no files'))
  chmodSync(project.path('out ü/b.csv'), 0o640)
  utimesSync(project.path('out ü/b.csv'), 1000, 1_700_000_000)
  utimesSync(project.path('out ü/no files'), 1000, 1_600_000_000)
  const ran = await project.run({
    modules: {
      zip: ['archive', { from: 'out ü', to: 'arch ö/x.zip' }],
      tgz: ['archive', { from: 'out ü/', to: 'arch ö/x.tgz' }],
      unzip: ['unarchive', { from: 'arch ö/x.zip', to: 'un/zip' }],
      untar: ['unarchive', { from: 'arch ö/x.tgz', to: 'un/tar' }],
      said: ['log', { message: '{{zip__path}} {{zip__count}} {{untar__path}} {{untar__count}}' }],
    },
    control: ['zip (1|) tgz', 'tgz (1|) unzip', 'unzip (1|) untar', 'untar (1|) said'],
  })
  expect(ran.summary.errors).toEqual([])
  expect(ran.log.some(({ msg }) => msg === 'arch ö/x.zip 5 un/tar 5')).toBe(true)
  const expected = tree(project, 'out ü').filter((name) => name !== '.pype-1-x')
  for (const kind of ['zip', 'tar']) {
    expect(tree(project, `un/${kind}`)).toEqual(expected)
    for (const file of ['a.csv', long, '.hidden', 'empty.csv'])
      expect(project.read(`un/${kind}/${file}`)).toBe(project.read(`out ü/${file}`))
    const { mode, mtimeMs } = statSync(project.path(`un/${kind}/b.csv`))
    expect([mode & 0o777, mtimeMs]).toEqual([0o640, 1_700_000_000_000])
    expect(statSync(project.path(`un/${kind}/no files`)).mtimeMs).toBe(1_600_000_000_000)
  }
  // The tools of the system read them too.
  const names = execFileSync('tar', ['-tzf', project.path('arch ö/x.tgz'), '--quoting-style=literal'], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
  expect(names.map((name) => name.replace(/\/$/, ''))).toEqual(expected)
})

test('an archive holds files, folders, globs and lists under the names that they had, in order, and the same twice', async () => {
  const project = new ModuleProject({
    'in/b.csv': 'b',
    'in/x/a.csv': 'a',
    'in/x/y/c.csv': 'c',
    'in/x.zip': 'older',
    'one.txt': '1',
    'dir/z': 'z',
  })
  symlinkSync('b.csv', project.path('in/link.csv'))
  const ran = await project.run(
    flowOf({
      file: ['archive', { from: 'one.txt', to: 'file.zip' }],
      glob: ['archive', { from: 'in/x/**/*.csv', to: 'glob.tar.gz' }],
      list: ['archive', { from: ['one.txt', 'in/*.csv', 'dir', 'in/x'], to: 'list.zip' }],
      self: ['archive', { from: 'in', to: 'in/x.zip' }],
      first: ['archive', { from: 'in/x', to: 'first.data', format: 'tar.gz' }],
      second: ['archive', { from: 'in/x', to: 'second.data', format: 'tar.gz' }],
      ...Object.fromEntries(
        ['file.zip', 'glob.tar.gz', 'list.zip', 'in/x.zip'].map((from, i) => [`un${i}`, ['unarchive', { from, to: `un/${i}` }] as const]),
      ),
    }),
  )
  expect(ran.summary.errors).toEqual([])
  const files = (folder: string) => tree(project, folder).filter((name) => statSync(project.path(`${folder}/${name}`)).isFile())
  expect(files('un/0')).toEqual(['one.txt'])
  expect(files('un/1')).toEqual(['a.csv', 'y/c.csv'])
  expect(files('un/2')).toEqual(['b.csv', 'dir/z', 'link.csv', 'one.txt', 'x/a.csv', 'x/y/c.csv'])
  expect(files('un/3')).toEqual(['b.csv', 'link.csv', 'x/a.csv', 'x/y/c.csv'])
  expect(hashOf(project.path('first.data'))).toBe(hashOf(project.path('second.data')))
})

test('unarchive puts files into a folder that exists: others stay, namesakes go by the mode', async () => {
  const project = new ModuleProject({ 'new/a.csv': 'new', 'new/sub/b.csv': 'new', 'new/c.csv': 'new' })
  for (const name of ['over', 'kept', 'refused', 'wrong']) {
    project.write(`${name}/a.csv`, 'old')
    project.write(`${name}/sub/other.csv`, 'old')
  }
  project.write('wrong/c.csv/inside', 'old')
  const linked = project.path('linked')
  mkdirSync(linked)
  mkdirSync(project.path('outside'))
  symlinkSync('../outside', path.join(linked, 'sub'))
  const ran = await project.run(
    flowOf({
      zip: ['archive', { from: 'new', to: 'x.zip' }],
      over: ['unarchive', { from: 'x.zip', to: 'over' }],
      kept: ['unarchive', { from: 'x.zip', to: 'kept', mode: 'skip' }],
      refused: ['unarchive', { from: 'x.zip', to: 'refused', mode: 'error_if_exists' }],
      wrong: ['unarchive', { from: 'x.zip', to: 'wrong' }],
      linked: ['unarchive', { from: 'x.zip', to: 'linked' }],
      file: ['unarchive', { from: 'x.zip', to: 'new/a.csv' }],
    }),
  )
  const read = (folder: string) =>
    Object.fromEntries(
      ['a.csv', 'c.csv', 'sub/b.csv', 'sub/other.csv']
        .filter((name) => project.has(`${folder}/${name}`) && statSync(project.path(`${folder}/${name}`)).isFile())
        .map((name) => [name, project.read(`${folder}/${name}`)]),
    )
  expect(read('over')).toEqual({ 'a.csv': 'new', 'c.csv': 'new', 'sub/b.csv': 'new', 'sub/other.csv': 'old' })
  expect(read('kept')).toEqual({ 'a.csv': 'old', 'c.csv': 'new', 'sub/b.csv': 'new', 'sub/other.csv': 'old' })
  expect(read('refused')).toEqual({ 'a.csv': 'old', 'sub/other.csv': 'old' })
  expect(read('wrong')).toEqual({ 'a.csv': 'old', 'sub/other.csv': 'old' })
  expect(errorOf(ran, 'refused')).toMatchObject({ code: 'TARGET_EXISTS', message: expect.stringContaining('refused/a.csv') })
  expect(errorOf(ran, 'wrong')).toMatchObject({ code: 'FILE_UNWRITABLE', message: expect.stringContaining('wrong/c.csv is a folder') })
  expect(errorOf(ran, 'linked')).toMatchObject({ code: 'FILE_UNWRITABLE' })
  expect(errorOf(ran, 'file')).toMatchObject({ code: 'FILE_UNWRITABLE', message: expect.stringContaining('expected a folder') })
  expect(readdirSync(project.path('outside'))).toEqual([])
  expect(readdirSync(project.folder).filter((name) => name.startsWith('.'))).toEqual([])
})

async function tarGz(...entries: TarEntry[]): Promise<Buffer> {
  return gzipSync(await packTar(entries))
}

function file(name: string, body = 'evil'): TarEntry {
  return { header: { name, size: body.length }, body }
}

function link(name: string, linkname: string, type: 'symlink' | 'link' = 'symlink'): TarEntry {
  return { header: { name, size: 0, type, linkname } }
}

/** A zip whose only entry gets another name of the same length. */
async function zipOf(name: string, mode = 0o100644, compress = false): Promise<Buffer> {
  const zip = new ZipFile()
  const inner = 'n'.repeat(Buffer.byteLength(name))
  zip.addBuffer(Buffer.from('evil'), inner, { mode, compress })
  zip.end()
  const pieces: Buffer[] = []
  for await (const piece of zip.outputStream) pieces.push(Buffer.from(piece))
  return Buffer.from(Buffer.concat(pieces).toString('latin1').replaceAll(inner, name), 'latin1')
}

test('no entry of an archive gets out of its folder', async () => {
  const archives: { readonly [name: string]: Buffer } = {
    'up.tgz': await tarGz(file('ok.csv'), file('../evil.csv')),
    'inner.tgz': await tarGz(file('a/../../evil.csv')),
    'absolute.tgz': await tarGz(file('/tmp/pype-evil.csv')),
    'link.tgz': await tarGz(link('sub', '..'), file('sub/evil.csv')),
    'chain.tgz': await tarGz(link('a', '.'), link('a/b', '../..'), file('a/b/evil.csv')),
    'hard.tgz': await tarGz(link('evil.csv', '../secret.csv', 'link')),
    'up.zip': await zipOf('../evil.csv'),
    'absolute.zip': await zipOf('/tmp/pype-evil.csv'),
    'windows.zip': await zipOf('..\\evil.csv'),
    'drive.zip': await zipOf('C:/evil.csv'),
    'link.zip': await zipOf('link', 0o120777),
  }
  const project = new ModuleProject({ ...archives, 'secret.csv': 'secret' })
  const ids = Object.keys(archives)
  const ran = await project.run(
    flowOf(Object.fromEntries(ids.map((from, i) => [`un${i}`, ['unarchive', { from, to: `un/${i}` }] as const]))),
  )
  for (const [i, name] of ids.entries())
    expect(errorOf(ran, `un${i}`), name).toMatchObject({ code: 'ARCHIVE_UNSAFE', hint: expect.any(String) })
  expect(existsSync('/tmp/pype-evil.csv')).toBe(false)
  expect(tree(project, '.').filter((name) => name.includes('evil') || name.startsWith('un') || name.includes('.pype'))).toEqual([])
})

test('an archive that is broken is an error, and leaves nothing', async () => {
  const whole = await tarGz(file('a.csv', 'a'.repeat(100_000)), file('b.csv', BIG.slice(0, 100_000).replaceAll('ü', 'u')))
  const zip = await zipOf('a.csv')
  const flipped = Buffer.from(zip)
  flipped[flipped.indexOf('evil')] = 0x45
  const encrypted = await zipOf('a.csv', 0o100644, true)
  encrypted.writeUInt16LE(encrypted.readUInt16LE(encrypted.indexOf('PK\x01\x02') + 8) | 1, encrypted.indexOf('PK\x01\x02') + 8)
  const archives: { readonly [name: string]: readonly [Buffer | string, code: string] } = {
    'cut.tgz': [whole.subarray(0, whole.length - 200), 'FILE_CORRUPT'],
    'text.tgz': ['no archive', 'FILE_CORRUPT'],
    'notar.tgz': [gzipSync('no tar'.repeat(1000)), 'FILE_CORRUPT'],
    'halftar.tgz': [gzipSync((await packTar([file('a.csv', 'a'.repeat(5000))])).subarray(0, 2000)), 'FILE_CORRUPT'],
    'empty.tgz': ['', 'FILE_CORRUPT'],
    'twice.tgz': [await tarGz(file('a.csv'), file('a.csv')), 'NAME_CLASH'],
    'both.tgz': [await tarGz(file('a'), file('a/b')), 'NAME_CLASH'],
    'cut.zip': [zip.subarray(0, zip.length - 30), 'FILE_CORRUPT'],
    'text.zip': ['no archive', 'FILE_CORRUPT'],
    'flipped.zip': [flipped, 'FILE_CORRUPT'],
    'encrypted.zip': [encrypted, 'FILE_UNREADABLE'],
  }
  const project = new ModuleProject(Object.fromEntries(Object.entries(archives).map(([name, [bytes]]) => [name, bytes])))
  const ids = Object.keys(archives)
  const ran = await project.run(
    flowOf({
      ...Object.fromEntries(ids.map((from, i) => [`un${i}`, ['unarchive', { from, to: `un/${i}` }] as const])),
      missing: ['unarchive', { from: 'none.zip', to: 'un/missing' }],
      folder: ['unarchive', { from: '.', to: 'un/folder', format: 'zip' }],
    }),
  )
  for (const [i, name] of ids.entries()) expect(errorOf(ran, `un${i}`), name).toMatchObject({ code: archives[name]?.[1] })
  expect(errorOf(ran, 'missing')).toMatchObject({ code: 'FILE_NOT_FOUND' })
  expect(errorOf(ran, 'folder')).toMatchObject({ code: 'FILE_UNREADABLE' })
  expect(tree(project, '.').filter((name) => name.startsWith('un') || name.includes('.pype'))).toEqual([])
})

// A file of the system that has no size and gives bytes all the same stands for one that grows.
test.skipIf(!existsSync('/proc/version'))('a file that changes while it is put into an archive is an error', async () => {
  const project = new ModuleProject({ 'a.csv': 'a' })
  const ran = await project.run(
    flowOf({
      zip: ['archive', { from: ['a.csv', '/proc/version'], to: 'x.zip' }],
      tar: ['archive', { from: ['a.csv', '/proc/version'], to: 'x.tgz' }],
    }),
  )
  for (const id of ['zip', 'tar'])
    expect(errorOf(ran, id), id).toMatchObject({ code: 'SOURCE_CHANGED', message: expect.stringContaining('/proc/version') })
  expect(readdirSync(project.folder).filter((name) => /^\.|^x\./.test(name))).toEqual([])
})

test('archive says what is wrong, and leaves nothing', async () => {
  const project = new ModuleProject({ 'a/x.csv': '1', 'b/x.csv': '2', 'old.zip': 'old', 'odd/a\\b.csv': '' })
  mkdirSync(project.path('linked'))
  symlinkSync('../a', project.path('linked/sub'))
  mkdirSync(project.path('dangling'))
  symlinkSync('nowhere', project.path('dangling/x'))
  const ran = await project.run(
    flowOf({
      missing: ['archive', { from: 'none', to: 'x.zip' }],
      noMatch: ['archive', { from: '*.xml', to: 'x.zip' }],
      clash: ['archive', { from: ['a/x.csv', 'b/x.csv'], to: 'x.zip' }],
      exists: ['archive', { from: 'a', to: 'old.zip', mode: 'error_if_exists' }],
      linked: ['archive', { from: 'linked', to: 'x.zip' }],
      dangling: ['archive', { from: 'dangling', to: 'x.tgz' }],
      odd: ['archive', { from: 'odd', to: 'x.zip' }],
      suffix: ['archive', { from: 'a', to: '{{flow.name}}.rar' }],
    }),
  )
  const codes = {
    missing: 'FILE_NOT_FOUND',
    noMatch: 'FILE_NOT_FOUND',
    clash: 'NAME_CLASH',
    exists: 'TARGET_EXISTS',
    linked: 'FILE_UNREADABLE',
    dangling: 'FILE_NOT_FOUND',
    odd: 'ARCHIVE_UNSAFE',
    suffix: 'CONFIG_INVALID',
  }
  for (const [id, code] of Object.entries(codes)) expect(errorOf(ran, id), id).toMatchObject({ code, hint: expect.any(String) })
  expect(readdirSync(project.folder).filter((name) => /^\.|^x\./.test(name))).toEqual([])
  await expect(project.run({ modules: { a: ['archive', { from: 'a', to: 'a.rar' }] } })).rejects.toThrow(/CONFIG_INVALID .*\.zip/)
})
