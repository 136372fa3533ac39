// Preloaded into a measured process: says at its end how much memory it had at most.
import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)))
