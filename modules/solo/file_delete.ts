/** Deletes files, and folders where it is told to. */
import { defineModule } from 'pypeline/sdk'
import { findAll } from '../_paths.js'

export default defineModule({
  name: 'file_delete',
  type: 'solo',
  version: '1.0.0',
  description:
    'Deletes files when the sub flow has completed. Of symbolic links it deletes the link. Folders are deleted, with all that is in them, only with recursive.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: { count: { type: 'int', description: 'Number of files and folders that were deleted; what is in a folder does not count.' } },
  packages: [],
  config: {
    required: {
      path: {
        type: ['path', 'list'],
        of: 'path',
        description: 'Path, list of paths, or glob. A path that exists is meant literally.',
        example: 'work/*.tmp',
      },
    },
    optional: {
      missing_ok: {
        type: 'bool',
        description: 'A path that does not exist, or a glob that matches nothing, is no error.',
        example: false,
        default: true,
      },
      recursive: { type: 'bool', description: 'Delete folders too, with all that is in them.', example: true, default: false },
    },
  },
  run: async (_, ctx) => {
    const { path, missing_ok, recursive } = ctx.config
    const { found } = await findAll(ctx, path, { folders: recursive, missing: missing_ok ? 'skip' : 'fail' })
    const folders = new Set(found.filter(({ isFolder }) => isFolder).map((each) => each.path))
    let count = 0
    for (const each of found) {
      ctx.signal.throwIfAborted()
      await ctx.stageDelete(each.path, { recursive })
      if (!liesIn(each.path, folders)) count++
    }
    ctx.setGlobal('count', count)
  },
})

/** Whether a path is in one of some folders, at any depth. */
function liesIn(path: string, folders: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) if (folders.has(path.slice(0, end))) return true
  return false
}
