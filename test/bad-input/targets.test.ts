import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it, test } from 'vitest'
import { BadFlow, csvFlow } from './bad-flow.js'

const IS_ROOT = process.getuid?.() === 0
/** Any user that is not root. */
const NOBODY = 65534

/** Rows that take several megabytes in every format. */
const MANY_ROWS = `modules:
  - { id: seed, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: many, name: sql_mod, configs: { sql: "SELECT range AS id, md5(range::VARCHAR) AS text FROM input, range(300000)" } }`

let unmount: (() => void) | undefined
afterEach(() => {
  unmount?.()
  unmount = undefined
})

/** Puts a file system of one megabyte at a folder of the flow. */
function mountTiny(folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' })
  unmount = () => execFileSync('umount', [folder])
}

function canMount(): boolean {
  if (!IS_ROOT) return false
  const folder = mkdtempSync(path.join(tmpdir(), 'pype-mount-'))
  try {
    mountTiny(folder)
    unmount?.()
    return true
  } catch {
    return false // Root in a container may not mount.
  } finally {
    unmount = undefined
    rmSync(folder, { recursive: true })
  }
}

/** Without a file system of our own: no file may get larger than one megabyte. */
const FILE_LIMIT = ['prlimit', '--fsize=1048576']

describe('a run without the right to write', () => {
  it('to the folder of its target', async (context) => {
    context.skip(!IS_ROOT, 'only root can run the command as somebody else')
    const flow = new BadFlow({ 'in.csv': 'a\n1\n', 'out/old.csv': 'older\n' })
    await flow.build(csvFlow('file_path: in.csv', 'out/old.csv'))
    chmodSync(flow.folder, 0o755)
    chmodSync(flow.path('jobs/bad'), 0o777)
    const failure = { code: 'FILE_UNWRITABLE', node: 'write', says: ['out'], hint: /rights/ } as const
    await flow.expectRunFails(failure, { uid: NOBODY })
  })

  it('to make the folder of its target', async (context) => {
    context.skip(!IS_ROOT, 'only root can run the command as somebody else')
    const flow = new BadFlow({ 'in.csv': 'a\n1\n' })
    await flow.build(csvFlow('file_path: in.csv', 'new/deep/out.csv'))
    chmodSync(flow.folder, 0o755)
    chmodSync(flow.path('jobs/bad'), 0o777)
    await flow.expectRunFails({ code: 'FILE_UNWRITABLE', node: 'write', says: ['new'], hint: /rights/ }, { uid: NOBODY })
  })

  it('to its job folder', async (context) => {
    context.skip(!IS_ROOT, 'only root can run the command as somebody else')
    const flow = new BadFlow({ 'in.csv': 'a\n1\n' })
    await flow.build(csvFlow('file_path: in.csv'))
    chmodSync(flow.folder, 0o777)
    const ended = await flow.pype(['run', 'jobs/bad'], { uid: NOBODY })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/error FILE_UNWRITABLE .*jobs\/bad[\s\S]*hint: \S/)
    expect(ended.stderr).not.toMatch(/^\s+at /m)
    expect(existsSync(flow.path('out.csv'))).toBe(false)
  })

  it('because its target is a folder', async () => {
    const flow = new BadFlow({ 'in.csv': 'a\n1\n', 'out.csv/inside.txt': 'mine' })
    await flow.build(csvFlow('file_path: in.csv'))
    await flow.expectRunFails({ code: 'FILE_UNWRITABLE', node: 'write', says: ['out.csv is a folder'], hint: /\S/ })
    expect(flow.read('out.csv/inside.txt')).toBe('mine')
  })

  it('because a file stands where a folder has to be', async () => {
    const flow = new BadFlow({ 'in.csv': 'a\n1\n', out: 'a file' })
    await flow.build(csvFlow('file_path: in.csv', 'out/deep.csv'))
    await flow.expectRunFails({ code: 'FILE_UNWRITABLE', node: 'write', says: ['out'], hint: /\S/ })
  })

  it('because its target exists and mode is error_if_exists', async () => {
    const flow = new BadFlow({ 'in.csv': 'a\n1\n', 'out.csv': 'older\n' })
    await flow.build(csvFlow('file_path: in.csv', 'out.csv, mode: error_if_exists'))
    await flow.expectRunFails({ code: 'TARGET_EXISTS', node: 'write', says: ['out.csv'], hint: /mode/ })
  })
})

describe.each([
  ['a tiny file system', canMount()],
  ['a limit on the size of a file', true],
])('a run on a full disk, with %s', (way, possible) => {
  const isMounted = way === 'a tiny file system'
  const it = test.skipIf(!possible)

  it.each([
    ['csv_sink', 'out.csv'],
    ['csv_sink', 'out.csv.gz'],
    ['json_sink', 'out.json'],
    ['parquet_sink', 'out.parquet'],
  ])('fails in %s to %s', async (sink, target) => {
    const flow = new BadFlow()
    if (isMounted) mountTiny(flow.path('disk'))
    const body = `${MANY_ROWS}
  - { id: write, name: ${sink}, configs: { output_path: disk/${target} } }
connections: { data: ["seed.data - many.input", "many.output - write.input"], control: [] }`
    await flow.expectFailure(
      body,
      { code: 'DISK_FULL', node: 'write', says: [`disk/${target}`], hint: /space/ },
      { wrapper: isMounted ? [] : FILE_LIMIT },
    )
  })

  it('fails where rows cross a boundary', async () => {
    const flow = new BadFlow()
    if (isMounted) mountTiny(flow.path('runs'))
    const body = `${MANY_ROWS}
  - { id: write, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["seed.data - many.input", "many.output - write.input"], control: ["many (1|) write"] }`
    await flow.expectFailure(
      body,
      { code: 'DISK_FULL', node: 'many', hint: /space/ },
      isMounted ? { args: ['--runs', 'runs'] } : { wrapper: FILE_LIMIT },
    )
  })

  it('fails where rows are spilled', async () => {
    const flow = new BadFlow()
    mkdirSync(flow.path('disk'))
    if (isMounted) mountTiny(flow.path('disk'))
    const body = `settings: { spill_threshold_rows: 10, spill_dir: disk }
${MANY_ROWS}
  - { id: one, name: csv_sink, configs: { output_path: one.csv } }
  - { id: two, name: csv_sink, configs: { output_path: two.csv } }
connections: { data: ["seed.data - many.input", "many.output - one.input", "many.output - two.input"], control: [] }`
    await flow.expectFailure(body, { code: 'DISK_FULL', node: 'many', hint: /space/ }, isMounted ? {} : { wrapper: FILE_LIMIT })
    if (isMounted) expect(readdirSync(flow.path('disk'))).toEqual([])
  })
})

describe('a run whose target is a link', () => {
  it('leaves the link and what it points to whole when it fails', async () => {
    const flow = new BadFlow({ 'in.csv': 'a\n1\nx\n', 'real.csv': 'older\n' })
    symlinkSync('real.csv', flow.path('out.csv'))
    await flow.build(csvFlow('file_path: in.csv, columns: { a: INTEGER }'))
    await flow.expectRunFails({ code: 'BAD_ROW', node: 'read' })
  })
})
