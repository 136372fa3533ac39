import { expect, test } from 'vitest'
import { messageWithCauses } from '../../src/core/message-with-causes.js'

test('the message of an error has the causes that it does not tell, down to what stands for several', async () => {
  const refused = [new Error('connect ECONNREFUSED ::1:1'), new Error('connect ECONNREFUSED 127.0.0.1:1')]
  const failed = new TypeError('fetch failed', { cause: new AggregateError(refused) })
  expect(messageWithCauses(failed)).toBe('fetch failed: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1')
  expect(messageWithCauses(new Error('no rows: timed out', { cause: new Error('timed out') }))).toBe('no rows: timed out')
  expect(messageWithCauses(new Error('alone'))).toBe('alone')
  expect(messageWithCauses('a text')).toBe('a text')
})

test('causes that form a circle end', () => {
  const first = new Error('first')
  const second = new Error('second', { cause: first })
  first.cause = second
  expect(messageWithCauses(first)).toBe('first: second')
})

test('a server that is not there is told by a request that failed', async () => {
  const error: unknown = await fetch('http://127.0.0.1:1').catch((thrown: unknown) => thrown)
  expect(messageWithCauses(error)).toMatch(/^fetch failed: ./)
})
