#!/usr/bin/env node
// The engine's statements hold libuv's worker threads, whose number is fixed when the pool starts: set it before anything else loads.
process.env.UV_THREADPOOL_SIZE ??= '16'
import('../dist/src/cli/cli.js')
