/** Writes rows to a JSON file. */
import { defineModule } from 'pypeline/sdk'
import { COMPRESSION, compressionOf, outputPath, SINK_GLOBALS, WRITE_MODE, writeFile } from '../_files.js'

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
      output_path: outputPath('json'),
    },
    optional: {
      format: {
        type: 'enum',
        values: ['lines', 'array'],
        description: 'One record per line, or one array.',
        example: 'array',
        default: 'lines',
      },
      mode: { ...WRITE_MODE, description: 'What to do with a file that exists. append needs the format lines.' },
      compression: COMPRESSION,
    },
  },
  check: (config) =>
    config['mode'] === 'append' && config['format'] === 'array' ? ['Rows cannot be appended to a JSON array; use format: lines.'] : [],
  run: ({ input }, ctx) => {
    const { output_path, format } = ctx.config
    const compression = compressionOf(output_path, ctx.config.compression)
    return writeFile(ctx, input, { format: 'json', options: { array: format === 'array', compression } })
  },
})
