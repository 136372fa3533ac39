import type { Disk } from '../../../src/run/checkpoint/files/disk.js'
import { describeStep, recordKind } from '../resume/worker/mortal-disk.js'
import type { DurableTree } from './durable-tree.js'
import { findNode, observeTree } from './observe-tree.js'

/** Which flushes count; one that does not is as if the program had left it out. */
export type CountsFlush = (flush: {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'journal'
  /** Kind of the record that was appended last. */
  readonly record: string | undefined
}) => boolean

/** A disk whose steps go into a model of what lasts; `onStep` is called before each, when the model knows all that was done before it. */
export function createRecordingDisk(
  disk: Disk,
  folder: string,
  tree: DurableTree,
  onStep: (step: string) => void,
  counts: CountsFlush = () => true,
): Disk {
  let record: string | undefined
  const flushed = (path: string, kind: 'file' | 'folder' | 'journal') => {
    const node = findNode(path)
    if (node !== undefined && counts({ path, kind, record })) tree.flush(node)
  }
  const note = (name: keyof Disk, args: readonly unknown[]) => {
    tree.see(observeTree(folder))
    const [on, bytes] = args
    if (name === 'append') record = recordKind(bytes as Uint8Array)
    if (name === 'flushFile' && typeof on === 'string') flushed(on, 'file')
    if (name === 'flushFolder' && typeof on === 'string') flushed(on, 'folder')
    if (name === 'flush') flushed((on as Parameters<Disk['flush']>[0]).path, 'journal')
  }
  return new Proxy(disk, {
    get: (target, name: keyof Disk) => {
      const operation: (...args: never[]) => unknown = target[name]
      return (...args: never[]) => {
        tree.see(observeTree(folder))
        onStep(describeStep(name, args))
        const result = operation.apply(target, args)
        if (!(result instanceof Promise)) {
          note(name, args)
          return result
        }
        return result.then((value: unknown) => {
          note(name, args)
          return value
        })
      }
    },
  })
}
