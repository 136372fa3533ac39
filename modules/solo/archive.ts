/** Puts files into an archive. */
import { resolve } from 'node:path'
import { defineModule } from 'pypeline/sdk'
import { FORMAT, findFormatFaults, formatOf, listContents } from '../_archives.js'
import { writeArchive } from '../_write-archive.js'

export default defineModule({
  name: 'archive',
  type: 'solo',
  version: '1.0.0',
  description:
    'Puts files and folders into a zip or tar.gz archive, which appears whole when the sub flow has completed. Entries are sorted by name; symbolic links to files are read through.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: {
    path: { type: 'str', description: 'Path of the archive.' },
    count: { type: 'int', description: 'Number of files in it.' },
  },
  packages: ['modern-tar', 'yazl'],
  config: {
    required: {
      from: {
        type: ['path', 'list'],
        of: 'path',
        description:
          'Path of a file, of a folder (all that is in it), a glob (its files, with their folders below its fixed part), or a list of paths and globs (a folder under its own name).',
        example: 'out',
      },
      to: { type: 'path', description: 'Path of the archive. Folders on the way are made.', example: 'archive/{{run.date}}.tar.gz' },
    },
    optional: {
      format: FORMAT,
      mode: {
        type: 'enum',
        values: ['overwrite', 'error_if_exists'],
        description: 'What to do with an archive that exists.',
        example: 'error_if_exists',
        default: 'overwrite',
      },
    },
  },
  check: ({ to, format }) => findFormatFaults(to, format),
  run: async (_, ctx) => {
    const { from, to, mode } = ctx.config
    const format = formatOf(to, ctx.config.format)
    const target = resolve(ctx.cwd, to)
    // An older archive in a folder that is archived does not go into the new one.
    const contents = (await listContents(ctx, from)).filter(({ path }) => resolve(ctx.cwd, path) !== target)
    const staged = await ctx.stageFile(to, mode === 'overwrite' ? 'replace' : 'create')
    await writeArchive(ctx, staged, format, contents)
    ctx.setGlobal('path', to)
    ctx.setGlobal('count', contents.filter(({ isFolder }) => !isFolder).length)
  },
})
