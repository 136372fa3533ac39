/** An integer in a JSON text that a number does not hold exactly. */
export interface InexactInteger {
  readonly text: string
  /** Where it stands. */
  readonly offset: number
}

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** The integers of a JSON text that reading it would round, in order. Numbers with a point or an exponent are meant to be near only. */
export function findInexactIntegers(json: string): InexactInteger[] {
  return [...json.matchAll(STRING_OR_NUMBER)]
    .filter(([token]) => /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)))
    .map((match) => ({ text: match[0], offset: match.index }))
}
