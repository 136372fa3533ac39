/** Waits until a file is there, or until it has gone. */
import { resolve } from 'node:path'
import { defineModule, PypeError } from 'pypeline/sdk'
import { exists, findGlob, isGlob, type Search } from '../_paths.js'
import { pause } from '../_pause.js'

export default defineModule({
  name: 'wait_for_file',
  type: 'solo',
  version: '1.0.0',
  description:
    'Waits until a file is there, or until it has gone. A file is there as soon as it has its name: a writer should rename what it has written, or write a second file last.',
  category: 'Files',
  inputPorts: [],
  outputPorts: [],
  globals: {
    path: { type: 'str', description: 'The path that was found, of a glob the first; with gone the path as it was given.' },
    waited: { type: 'float', description: 'Seconds.' },
  },
  packages: [],
  config: {
    required: {
      path: { type: 'path', description: 'Path of a file or folder, or a glob: any file that matches it.', example: 'in/orders_*.done' },
    },
    optional: {
      gone: { type: 'bool', description: 'Wait until it has gone.', example: true, default: false },
      timeout: {
        type: 'float',
        description: 'Seconds after which the node fails. Default: it waits as long as the run may take.',
        example: 600,
        min: 0,
      },
      interval: { type: 'float', description: 'Seconds from one look to the next.', example: 10, default: 1, min: 0.01 },
    },
  },
  run: async (_, ctx) => {
    const { path, gone, timeout = Number.POSITIVE_INFINITY, interval } = ctx.config
    const started = performance.now()
    const waited = () => (performance.now() - started) / 1000
    for (;;) {
      ctx.signal.throwIfAborted()
      const found = await find(ctx, path)
      if ((found === undefined) === gone) {
        ctx.setGlobal('path', found ?? path)
        ctx.setGlobal('waited', waited())
        return
      }
      // The last look is at the end of the time.
      if (waited() >= timeout) throw tooLate(ctx, path, gone, timeout)
      await pause(Math.min(interval, Math.max(timeout - waited(), 0.001)), ctx.signal)
    }
  },
})

async function find(search: Search, path: string): Promise<string | undefined> {
  if (exists(search, path)) return path
  return isGlob(path) ? (await findGlob(search, path, false))[0]?.path : undefined
}

function tooLate({ cwd }: Search, path: string, gone: boolean, timeout: number): PypeError {
  const message = `${resolve(cwd, path)} ${gone ? 'is still there' : 'has not come'} after ${timeout} s.`
  return new PypeError('WAIT_TIMEOUT', message, { hint: 'give a longer timeout, or look why the file is late' })
}
