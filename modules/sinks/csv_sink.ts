/** Writes rows to a CSV file. */
import { defineModule } from 'pypeline/sdk'
import { COMPRESSION, compressionOf, ENCODING, outputPath, SINK_GLOBALS, WRITE_MODE, writeFile } from '../_files.js'

export default defineModule({
  name: 'csv_sink',
  type: 'sink',
  version: '1.0.0',
  description: 'Writes rows to a CSV file, which appears whole when the sub flow has completed.',
  category: 'Files',
  inputPorts: ['input'],
  outputPorts: [],
  globals: SINK_GLOBALS,
  packages: [],
  config: {
    required: {
      output_path: outputPath('csv'),
    },
    optional: {
      mode: {
        ...WRITE_MODE,
        description:
          'What to do with a file that exists. append writes no second header; the columns must be those of the header that is there, in any order.',
      },
      delimiter: { type: 'str', description: 'What separates two values.', example: ';', default: ',' },
      quote: {
        type: 'str',
        description: 'What encloses a value that needs it.',
        example: "'",
        default: '"',
        pattern: { regex: '.', expected: 'one character' },
      },
      header: { type: 'bool', description: 'Write the names of the columns first.', example: false, default: true },
      null_text: { type: 'str', description: 'Text for NULL. The empty text is then written in quotes.', example: 'NA', default: '' },
      encoding: { ...ENCODING, description: 'Encoding of the text. A character that it lacks is an error.' },
      date_format: { type: 'str', description: 'Format of dates, as strftime writes it. Default: ISO 8601.', example: '%d.%m.%Y' },
      timestamp_format: {
        type: 'str',
        description: 'Format of timestamps, as strftime writes it. Default: ISO 8601.',
        example: '%d.%m.%Y %H:%M',
      },
      compression: COMPRESSION,
    },
  },
  run: ({ input }, ctx) => {
    const { output_path, mode: _, ...options } = ctx.config
    return writeFile(ctx, input, { format: 'csv', options: { ...options, compression: compressionOf(output_path, options.compression) } })
  },
})
