#!/usr/bin/env node
// The engine's statements hold libuv's worker threads, whose number is fixed when the pool starts: set it before anything else loads.
process.env.UV_THREADPOOL_SIZE ??= '16'
import('../dist/bundle/src/cli/cli.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  process.stderr.write(
    `pype is not built yet, or a package of it is missing: run \`npm ci && npm run build\` in ${require('node:path').dirname(__dirname)} first.\n`,
  )
  process.exitCode = 2
})
