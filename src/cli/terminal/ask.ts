import type { Readable, Writable } from 'node:stream'
import { PypeError } from '../../core/errors.js'
import { openReadableOutput } from './readable-output.js'

/** Where questions are asked. */
export interface Terminal {
  readonly input: Readable
  /** Not stdout, which is for results. */
  readonly output: Writable
}

/** The terminal to ask on; undefined where nobody could answer: in a script, a pipe or a job of continuous integration. */
export function openTerminal(): Terminal | undefined {
  const { stdin, stderr, env } = process
  const isThere = stdin.isTTY === true && stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI
  return isThere ? { input: stdin, output: openReadableOutput(stderr, env) } : undefined
}

/** Asks for a text; an empty answer means the usual one. `findFault` tells what is wrong with an answer, which is asked for again then. Throws CANCELLED. */
export async function askText(
  { input, output }: Terminal,
  message: string,
  usual: string,
  findFault: (answer: string) => string | undefined = () => undefined,
): Promise<string> {
  const { text } = await import('@clack/prompts')
  const validate = (answer: string | undefined) => findFault(answer || usual)
  return answered(await text({ message, placeholder: usual, defaultValue: usual, validate, input, output }))
}

/** Asks for one of several words, each with what it means. Throws CANCELLED. */
export async function askChoice<Word extends string>(
  { input, output }: Terminal,
  message: string,
  meanings: { readonly [word in Word]: string },
): Promise<Word> {
  const { select } = await import('@clack/prompts')
  const options = Object.entries<string>(meanings).map(([value, hint]) => ({ value, hint }))
  const chosen = answered(await select({ message, options, input, output }))
  const known = keysOf(meanings).find((word) => word === chosen)
  if (known === undefined) throw new PypeError('INTERNAL', `${chosen} was not among the choices.`)
  return known
}

function answered(answer: string | symbol): string {
  if (typeof answer === 'string') return answer
  throw new PypeError('CANCELLED', 'Nothing was made.')
}

function keysOf<Word extends string>(meanings: { readonly [word in Word]: string }): Word[] {
  const words: Word[] = []
  for (const word in meanings) words.push(word)
  return words
}
