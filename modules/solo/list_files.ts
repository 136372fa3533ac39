/** Lists the files of a folder or a glob, for an iterate connection. */
import { resolve } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { defineModule, PypeError } from 'pypeline/sdk'
import { compareText, type Found, findAll, findGlob, isGlob, look, type Search, walkFolder } from '../_paths.js'

/** What a frame gets as {{iter.item}}. */
interface Item {
  readonly path: string
  readonly name: string
  readonly stem: string
  readonly ext: string
  /** Bytes. */
  readonly size: number
  /** ISO 8601, in UTC. */
  readonly modified: string
  readonly [field: string]: string | number
}

const ORDERS = {
  name: (a: Item, b: Item) => compareText(a.name, b.name),
  modified: (a: Item, b: Item) => compareText(a.modified, b.modified),
  size: (a: Item, b: Item) => a.size - b.size,
}

export default defineModule({
  name: 'list_files',
  type: 'solo',
  version: '1.0.0',
  description:
    'Lists files for an iterate connection, each as {path, name, stem, ext, size, modified}: path as it was given, ext without its dot, size in bytes, modified as ISO 8601 in UTC. Files whose name begins with a dot are left out.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: { count: { type: 'int', description: 'Number of files.' } },
  packages: [],
  items: true,
  readsOnly: true,
  config: {
    required: {
      path: { type: 'path', description: 'A folder or a glob. A path that exists is meant literally.', example: 'in/orders_*.csv' },
    },
    optional: {
      recursive: {
        type: 'bool',
        description: 'List the folders below as well; folders that are links are not gone into.',
        example: true,
        default: false,
      },
      sort: {
        type: 'enum',
        values: ['name', 'modified', 'size'],
        description: 'What the files are sorted by, upwards; texts by code unit (B before a), files with equal values by path.',
        example: 'modified',
        default: 'name',
      },
      fail_if_empty: { type: 'bool', description: 'Fail when there is no file.', example: true, default: false },
    },
  },
  run: async (_, ctx) => {
    const { path, recursive, sort, fail_if_empty } = ctx.config
    const items = await describeFiles(ctx, await find(ctx, path, recursive))
    if (items.length === 0 && fail_if_empty) {
      throw new PypeError('FILE_NOT_FOUND', `There is no file in ${resolve(ctx.cwd, path)}.`, {
        hint: 'check the path, or allow it with fail_if_empty: false',
      })
    }
    const order = ORDERS[sort]
    items.sort((a, b) => order(a, b) || compareText(a.path, b.path))
    ctx.setItems(items)
    ctx.setGlobal('count', items.length)
  },
})

async function find(search: Search, path: string, recursive: boolean): Promise<readonly Found[]> {
  const { found } = await findAll(search, path, { missing: isGlob(path) ? 'skip' : 'fail' })
  const isFolder = look(resolve(search.cwd, path))?.isDirectory() === true
  if (!isFolder) return isGlob(path) && recursive ? findGlob(search, deepGlob(path), false) : found
  const files: Found[] = []
  const folder = path.replace(/(?<=.)\/+$/, '')
  for await (const each of walkFolder(search, folder, { recursive, hidden: false })) if (!each.isFolder) files.push(each)
  return files
}

/** The same glob in all folders below its own. */
function deepGlob(glob: string): string {
  const cut = glob.lastIndexOf('/') + 1
  return `${glob.slice(0, cut)}**/${glob.slice(cut)}`
}

/** Files that are looked at before others get a turn. */
const TURN = 1000

async function describeFiles({ cwd, signal }: Search, files: readonly Found[]): Promise<Item[]> {
  const items: Item[] = []
  for (const [index, { path, name }] of files.entries()) {
    if (index % TURN === 0) await breathe()
    signal.throwIfAborted()
    if (name.startsWith('.')) continue
    const stat = look(resolve(cwd, path))
    // It has gone meanwhile, is a link that leads to nothing, or is no file.
    if (!stat?.isFile()) continue
    const dot = name.lastIndexOf('.')
    const hasExt = dot > 0 && dot < name.length - 1
    items.push({
      path,
      name,
      stem: hasExt ? name.slice(0, dot) : name,
      ext: hasExt ? name.slice(dot + 1) : '',
      size: stat.size,
      modified: stat.mtime.toISOString(),
    })
  }
  return items
}
