import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askChoice, askText } from '../../../src/cli/terminal/ask.js'

/** Types keys once a question is on the screen. */
function openScreen(...keys: readonly string[]) {
  const input = new PassThrough()
  const output = new PassThrough()
  const left = [...keys]
  // Each time the screen is drawn, the next key.
  output.on('data', () => {
    const key = left.shift()
    if (key !== undefined) setImmediate(() => input.write(key))
  })
  return { input, output }
}

it('a text is asked for, and an empty answer means the usual one', async () => {
  expect(await askText(openScreen('shop', '\r'), 'Which folder?', '.')).toBe('shop')
  expect(await askText(openScreen('\r'), 'Which folder?', '.')).toBe('.')
})

it('a wrong answer is asked for again', async () => {
  const findFault = (answer: string) => (answer === 'x' ? 'There is a file x.' : undefined)
  expect(await askText(openScreen('x', '\r', 'y', '\r'), 'Which folder?', '.', findFault)).toBe('xy')
})

it('one of several words is chosen', async () => {
  expect(await askChoice(openScreen('\x1b[B', '\r'), 'What is it?', { mod: 'rows in, rows out', sink: 'rows in' })).toBe('sink')
})

it('Ctrl-C is an answer too: nothing is made', async () => {
  await expect(askText(openScreen('\x03'), 'Which folder?', '.')).rejects.toMatchObject({ code: 'CANCELLED' })
})
