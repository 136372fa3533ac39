import { mkdtemp, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { formatBytes } from '../core/quantity.js'
import { systemCodeOf } from '../core/system-code.js'
import { PYPE_VERSION } from '../core/version.js'
import { tryFolderLock } from '../engine/duckdb/folder-lock.js'
import { probeEngine } from '../engine/duckdb/probe-engine.js'
import { defaultMemoryLimit, readMachine } from '../run/job/machine.js'
import { type Finding, tryCheck } from './finding.js'

/** The least Node.js that pype runs on, as package.json says. */
const LEAST_NODE = [20, 19] as const
const GB = 1024 ** 3
const LITTLE_MEMORY = GB
const LITTLE_SPACE = 2 * GB
const NO_SPACE = 0.1 * GB

/** Versions of pype and Node.js. */
export function checkVersions(node: string): readonly Finding[] {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])
  const needed = LEAST_NODE.join('.')
  return [
    { check: 'pype', status: 'ok', message: PYPE_VERSION },
    isOld
      ? {
          check: 'node',
          status: 'fail',
          message: `${node}; ${needed} is the least that pype runs on`,
          hint: `install Node.js ${needed} or newer`,
        }
      : { check: 'node', status: 'ok', message: node },
  ]
}

/** Memory and CPUs that a run may use: those of the control group, where there is one. */
export function checkMachine(): readonly Finding[] {
  const machine = readMachine()
  const memory = `${formatBytes(machine.memory)}; the engine takes up to ${formatBytes(defaultMemoryLimit(machine))} of it`
  return [
    machine.memory < LITTLE_MEMORY
      ? {
          check: 'memory',
          status: 'warn',
          message: memory,
          hint: 'rows that do not fit are written to disk; raise the limit of the container, or set memory_limit',
        }
      : { check: 'memory', status: 'ok', message: memory },
    { check: 'cpus', status: 'ok', message: String(machine.cpus) },
  ]
}

/** Whether a folder can be written, its disk keeps locks and has space, and the engine works on it. `what`: what is in it. */
export function checkFolder(what: string, folder: string): Promise<readonly Finding[]> {
  return tryCheck(what, async () => {
    const probe = await makeProbe(folder)
    try {
      return [
        { check: what, status: 'ok', message: `${folder} can be written` },
        ...(await checkSpace(what, folder)),
        ...(await tryCheck('locks', () => checkLocks(probe))),
        ...(await tryCheck('engine', async () => [
          { check: 'engine', status: 'ok', message: `DuckDB ${await probeEngine(probe)}: a query, and a Parquet file written and read` },
        ])),
      ]
    } finally {
      await rm(probe, { recursive: true, force: true })
    }
  })
}

/** Space on the disk of a folder. */
export async function checkSpace(what: string, folder: string): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const check = `space for ${what}`
  const message = `${formatBytes(free)} free in ${folder}`
  if (free >= LITTLE_SPACE) return [{ check, status: 'ok', message }]
  return [
    {
      check,
      status: free < NO_SPACE ? 'fail' : 'warn',
      message,
      hint: 'make room: runs keep rows there that cross boundaries, or do not fit in memory',
    },
  ]
}

async function makeProbe(folder: string): Promise<string> {
  try {
    return await mkdtemp(path.join(folder, '.pype-doctor-'))
  } catch (cause) {
    throw new PypeError('FILE_UNWRITABLE', `${folder} cannot be written (${systemCodeOf(cause) ?? 'unknown reason'}).`, {
      hint: 'check its rights, or keep the runs elsewhere: pype run --runs DIR',
      cause,
    })
  }
}

async function checkLocks(folder: string): Promise<readonly Finding[]> {
  const lock = await tryFolderLock(folder)
  await lock?.release()
  return lock === undefined
    ? [
        {
          check: 'locks',
          status: 'fail',
          message: `a lock in ${folder} cannot be taken`,
          hint: 'keep the runs on a local disk: pype run --runs DIR',
        },
      ]
    : [{ check: 'locks', status: 'ok', message: 'the disk keeps locks of files' }]
}
