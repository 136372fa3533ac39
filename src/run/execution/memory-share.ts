import { totalmem } from 'node:os'

/** Bytes that the process may use before rows go to disk: a share of the memory that this machine, or its control group, gives it. */
export function freeMemoryLimit(share: number): number {
  const constrained = process.constrainedMemory()
  const total = constrained > 0 && constrained < totalmem() ? constrained : totalmem()
  return total * share
}
