import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CopyData } from '../../src/database/postgres/copy-data.js'

function message(kind: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.write(kind, 'latin1')
  header.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([header, content])
}

test('the contents of all CopyData messages come through, wherever the pieces are cut, and the rest begins with the first other message', () => {
  const content = fc.uint8Array({ maxLength: 30 })
  const copied = fc.array(fc.tuple(fc.constantFrom('d', 'd', 'd', 'N', 'S', 'A', 'H'), content), { maxLength: 12 })
  fc.assert(
    fc.property(
      copied,
      fc.constantFrom('c', 'E', 'C', 'Z'),
      content,
      fc.array(fc.nat(), { maxLength: 8 }),
      (messages, last, ending, cuts) => {
        const end = message(last, ending)
        const sent = Buffer.concat([...messages.map(([kind, bytes]) => message(kind, bytes)), end])
        const places = [...new Set([0, ...cuts.map((cut) => cut % sent.length), sent.length])].sort((a, b) => a - b)
        const copyData = new CopyData()
        const taken: Buffer[] = []
        const rest: Buffer[] = []
        places.slice(1).forEach((to, i) => {
          const piece = Buffer.from(sent.subarray(places[i], to))
          if (rest.length > 0) rest.push(piece)
          else {
            const part = copyData.take(piece)
            taken.push(part.data)
            if (part.rest !== undefined) rest.push(part.rest)
          }
        })
        expect(Buffer.concat(taken)).toEqual(Buffer.concat(messages.filter(([kind]) => kind === 'd').map(([, bytes]) => bytes)))
        expect(Buffer.concat(rest)).toEqual(end)
      },
    ),
  )
})
