import { readFileSync } from 'node:fs'
import path from 'node:path'
import { systemCodeOf } from '../../core/system-code.js'

/** What the control groups of this process let it use; undefined where they set no limit. */
export interface GroupLimits {
  /** Bytes. */
  readonly memory: number | undefined
  /** May be a fraction. */
  readonly cpus: number | undefined
}

/** A mounted hierarchy of control groups, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)). */
interface Hierarchy {
  readonly version: 1 | 2
  /** Of version 1; each has a hierarchy of its own there. */
  readonly controllers: readonly string[]
  /** The group that is mounted: in a container it need not be the root. */
  readonly group: string
  readonly mount: string
}

/** Version 1 writes this for no limit, less what is beyond the last whole page. */
const UNLIMITED = 2 ** 62

/**
 * Reads the limits of the process's own control group and of all around it, of which the least counts; of version 1 and 2 alike. `root`
 * is the folder that `/proc` and `/sys` are looked for in. Where there are no control groups, there are no limits.
 */
export function readGroupLimits(root = '/'): GroupLimits {
  const groups = findGroups(root)
  return {
    memory: least([
      ...groups.flatMap(({ version, controllers, folders }) => {
        if (version === 2) return folders.map((folder) => readBytes(folder, 'memory.max'))
        return controllers.includes('memory') ? folders.map((folder) => readBytes(folder, 'memory.limit_in_bytes')) : []
      }),
    ]),
    cpus: least([
      ...groups.flatMap(({ version, controllers, folders }) => {
        if (version === 2) return folders.map((folder) => share(readNumbers(folder, 'cpu.max')))
        const quota = (folder: string) => [...readNumbers(folder, 'cpu.cfs_quota_us'), ...readNumbers(folder, 'cpu.cfs_period_us')]
        return controllers.includes('cpu') ? folders.map((folder) => share(quota(folder))) : []
      }),
    ]),
  }
}

type Group = Pick<Hierarchy, 'version' | 'controllers'> & {
  /** The folder of the process's group, and those of the groups around it as far as they are mounted. */
  readonly folders: readonly string[]
}

function findGroups(root: string): Group[] {
  const own = readText(path.join(root, 'proc/self/cgroup')).trim().split('\n')
  return readHierarchies(root).flatMap((hierarchy) => {
    const line = own.map((each) => each.split(':')).find(([, names = '']) => isOf(hierarchy, names.split(',')))
    if (line === undefined) return []
    const mount = path.join(root, hierarchy.mount)
    const inside = path.posix.relative(hierarchy.group, line.slice(2).join(':'))
    // A group outside of what is mounted: all that can be seen is the mounted one, which is around it.
    const names = inside === '' || inside.startsWith('..') ? [] : inside.split('/')
    return [{ ...hierarchy, folders: [mount, ...names.map((_, depth) => path.join(mount, ...names.slice(0, depth + 1)))] }]
  })
}

function isOf({ version, controllers }: Hierarchy, names: readonly string[]): boolean {
  return version === 2 ? names.join() === '' : names.some((name) => controllers.includes(name))
}

function readHierarchies(root: string): Hierarchy[] {
  return readText(path.join(root, 'proc/self/mountinfo'))
    .split('\n')
    .flatMap((line): Hierarchy[] => {
      const [place = '', kind = ''] = line.split(' - ')
      const [, , , group = '', mount = ''] = place.split(' ')
      const [type, , options = ''] = kind.split(' ')
      if (type === 'cgroup2') return [{ version: 2, controllers: [], group, mount }]
      return type === 'cgroup' ? [{ version: 1, controllers: options.split(','), group, mount }] : []
    })
}

function readBytes(folder: string, file: string): number | undefined {
  const [bytes] = readNumbers(folder, file)
  return bytes === undefined || bytes >= UNLIMITED ? undefined : bytes
}

/** The CPUs that a quota is in its period; a quota of `max` or -1 is none. */
function share([quota, period]: readonly (number | undefined)[]): number | undefined {
  return quota === undefined || period === undefined || period === 0 ? undefined : quota / period
}

function readNumbers(folder: string, file: string): (number | undefined)[] {
  const words = readText(path.join(folder, file)).trim().split(/\s+/)
  return words.map((word) => (/^\d+$/.test(word) ? Number(word) : undefined))
}

/** Empty for a file that is not there, or not for this process to read: it sets no limit that could be known. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    return ''
  }
}

function least(limits: readonly (number | undefined)[]): number | undefined {
  const known = limits.filter((limit) => limit !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
