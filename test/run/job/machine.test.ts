import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readGroupLimits } from '../../../src/run/job/control-group.js'
import { readMachine, writeMemoryLimit } from '../../../src/run/job/machine.js'

const GB = 2 ** 30
const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'
const V1 = [
  '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
  '37 31 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd',
].join('\n')

/** A folder that holds such files as the kernel shows, by path. */
function fakeRoot(files: { readonly [file: string]: string }): string {
  const root = mkdtempSync(path.join(tmpdir(), 'pype-group-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `${text}\n`)
  }
  return root
}

it('the least limit of the own group and those around it counts, in version 2', () => {
  const root = fakeRoot({
    'proc/self/cgroup': '0::/system.slice/etl.service',
    'proc/self/mountinfo': `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n${V2}`,
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory',
    'sys/fs/cgroup/system.slice/memory.max': String(2 * GB),
    'sys/fs/cgroup/system.slice/cpu.max': 'max 100000',
    'sys/fs/cgroup/system.slice/etl.service/memory.max': String(8 * GB),
    'sys/fs/cgroup/system.slice/etl.service/cpu.max': '150000 100000',
    'sys/fs/cgroup/other/memory.max': '1000',
  })
  expect(readGroupLimits(root)).toEqual({ memory: 2 * GB, cpus: 1.5 })
})

it('version 1 has a hierarchy for each controller, and numbers for no limit', () => {
  const root = fakeRoot({
    'proc/self/cgroup': '9:name=systemd:/\n4:memory:/jobs/etl\n2:cpuacct,cpu:/jobs',
    'proc/self/mountinfo': V1,
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
    'sys/fs/cgroup/memory/jobs/memory.limit_in_bytes': String(3 * GB),
    'sys/fs/cgroup/memory/jobs/etl/memory.limit_in_bytes': '9223372036854771712',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1',
    'sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000',
    'sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us': '200000',
    'sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us': '100000',
  })
  expect(readGroupLimits(root)).toEqual({ memory: 3 * GB, cpus: 2 })
})

it('both versions at once, as systemd mounts them: the one that has the controller counts', () => {
  const root = fakeRoot({
    'proc/self/cgroup': '4:memory:/jobs\n0::/user.slice',
    'proc/self/mountinfo': `${V1}\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`,
    'sys/fs/cgroup/memory/jobs/memory.limit_in_bytes': String(GB),
    'sys/fs/cgroup/unified/user.slice/cgroup.procs': '1',
  })
  expect(readGroupLimits(root)).toEqual({ memory: GB, cpus: undefined })
})

it.each([
  ['whose group is mounted as the root', '0::/docker/abc/etl', '/docker/abc', 'sys/fs/cgroup/etl/memory.max'],
  ['that has a name space of its own', '0::/', '/', 'sys/fs/cgroup/memory.max'],
  ['whose group is outside of what is mounted', '0::/../other', '/', 'sys/fs/cgroup/memory.max'],
])('in a container %s', (_, own, mounted, file) => {
  const root = fakeRoot({
    'proc/self/cgroup': own,
    'proc/self/mountinfo': `30 23 0:26 ${mounted} /sys/fs/cgroup ro - cgroup2 cgroup rw`,
    [file]: String(GB),
  })
  expect(readGroupLimits(root)).toEqual({ memory: GB, cpus: undefined })
})

it('without control groups the machine has what it has, and a group cannot give more', () => {
  const none = { memory: totalmem(), cpus: availableParallelism() }
  expect(readGroupLimits(fakeRoot({}))).toEqual({ memory: undefined, cpus: undefined })
  expect(readMachine({ memory: undefined, cpus: undefined })).toEqual(none)
  expect(readMachine({ memory: 2 ** 60, cpus: 4096 })).toEqual(none)
  expect(readMachine({ memory: GB, cpus: 0.5 })).toEqual({ memory: GB, cpus: 1 })
})

it('the engine gets half of the memory less 400 MB, and no less than any query needs', () => {
  expect(writeMemoryLimit({ memory: 8 * GB })).toBe('3696MiB')
  expect(writeMemoryLimit({ memory: GB })).toBe('256MiB')
})
