/** Writes rows to a JSON file. */
import { defineModule } from 'pypeline/sdk'
import { COMPRESSION, compressionOf, SINK_GLOBALS } from '../_files.js'

export default defineModule({
  name: 'json_sink',
  type: 'sink',
  version: '1.0.0',
  description: 'Writes rows to a JSON file, one record per line or one array; it appears whole when the sub flow has completed.',
  category: 'Files',
  inputPorts: ['input'],
  outputPorts: [],
  globals: SINK_GLOBALS,
  packages: [],
  config: {
    required: {
      output_path: { type: 'path', description: 'Path of the file. Folders on the way are made.', example: 'out/orders.json' },
    },
    optional: {
      format: {
        type: 'enum',
        values: ['lines', 'array'],
        description: 'One record per line, or one array.',
        example: 'array',
        default: 'lines',
      },
      mode: {
        type: 'enum',
        values: ['overwrite', 'append', 'error_if_exists'],
        description: 'What to do with a file that exists. append needs the format lines.',
        example: 'append',
        default: 'overwrite',
      },
      compression: COMPRESSION,
    },
  },
  check: (config) =>
    config['mode'] === 'append' && config['format'] === 'array' ? ['Rows cannot be appended to a JSON array; use format: lines.'] : [],
  run: async ({ input }, ctx) => {
    const { output_path, mode, format } = ctx.config
    const staged = await ctx.stageFile(output_path, mode === 'overwrite' ? 'replace' : mode === 'append' ? 'append' : 'create')
    const compression = compressionOf(output_path, ctx.config.compression)
    const { rows, bytes } = await ctx.engine.copy(input, staged, { format: 'json', options: { array: format === 'array', compression } })
    ctx.setGlobal('row_count', rows)
    ctx.setGlobal('file_size', bytes)
    ctx.setGlobal('path', output_path)
  },
})
