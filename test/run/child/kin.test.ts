import { describe, expect, it } from 'vitest'
import { createChildRunId } from '../../../src/run/child/child-run-id.js'
import { MemorySlots } from '../../../src/run/child/memory-slots.js'

describe('the id of a child run', () => {
  it('follows from parent, node, frame, attempt and call, and is another one for each', () => {
    expect(createChildRunId('r1', 'sub', [], 1, 1)).toBe('r1.sub.1')
    expect(createChildRunId('r1', 'sub', [2, 0], 3, 1)).toBe('r1.sub.2.0.3')
    expect(createChildRunId('r1', 'sub', [], 1, 2)).toBe('r1.sub.1-2')
  })

  it('stays a name of a folder however deep jobs are nested', () => {
    let id = '20260131T060000000-abcdef'
    const ids = new Set([id])
    for (let depth = 0; depth < 50; depth++) {
      id = createChildRunId(id, `${'n'.repeat(60)}${depth}`, [depth], 1, 1)
      ids.add(id)
    }
    expect(ids.size).toBe(51)
    for (const one of ids) expect(one.length).toBeLessThanOrEqual(150)
    expect(id.startsWith('20260131T060000000-abcdef.')).toBe(true)
  })
})

describe('the memory of child runs', () => {
  it('is never more than that of one run alone, however many go on at once', () => {
    const slots = new MemorySlots()
    const taken = Array.from({ length: 100 }, () => slots.take())
    expect(taken[0]?.share).toBe(2)
    expect(taken.reduce((sum, { share }) => sum + 1 / share, 0)).toBeLessThan(1)
    taken[1]?.release()
    expect(slots.take().share).toBe(taken[1]?.share)
  })
})
