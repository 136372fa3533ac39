import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Disk } from '../../../../src/run/checkpoint/files/disk.js'
import type { FaultPoints } from './fault-points.js'

/** A disk at each step of which the process may be killed, and between the bytes of what it adds to a file. */
export function createMortalDisk(disk: Disk, points: FaultPoints): Disk {
  return new Proxy(disk, {
    get: (target, name: keyof Disk) => {
      const operation: (...args: never[]) => unknown = target[name]
      return (...args: never[]) => {
        points.reach(describeStep(name, args), tearOf(name, args))
        return operation.apply(target, args)
      }
    },
  })
}

/** `append intent`, `flush journal.log`, `rename a.csv`. */
export function describeStep(name: keyof Disk, args: readonly unknown[]): string {
  if (name === 'append') {
    const [file, bytes] = args as Parameters<Disk['append']>
    return `append ${recordKind(bytes) ?? path.basename(file.path)}`
  }
  const last = args.at(name === 'truncate' ? 0 : -1)
  const file = typeof last === 'string' ? last : isHandle(args[0]) ? args[0].path : ''
  return `${name} ${path.basename(file)}`
}

/** The kind of the record that a line of a journal holds. */
export function recordKind(bytes: Uint8Array): string | undefined {
  return /^\d+ [0-9a-f]{8} ([a-z]+) /.exec(Buffer.from(bytes.subarray(0, 64)).toString('latin1'))?.[1]
}

function isHandle(arg: unknown): arg is { readonly path: string } {
  return typeof arg === 'object' && arg !== null && 'path' in arg
}

function tearOf(name: keyof Disk, args: readonly unknown[]): (() => void) | undefined {
  if (name === 'append') {
    const [file, bytes] = args as Parameters<Disk['append']>
    return () => appendFileSync(file.path, bytes.subarray(0, Math.floor(bytes.length / 2)))
  }
  if (name === 'appendFile') {
    const [from, to] = args as Parameters<Disk['appendFile']>
    return () => {
      const bytes = readFileSync(from)
      if (existsSync(path.dirname(to))) appendFileSync(to, bytes.subarray(0, Math.floor(bytes.length / 2)))
    }
  }
  return undefined
}
