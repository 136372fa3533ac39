import { nearest } from './errors.js'

/** A hint that names the nearest known word, or says something else when none is near. */
export function suggestNearest(word: string, known: Iterable<string>, otherwise: string): string {
  const near = nearest(word, known)
  return near === undefined ? otherwise : `did you mean "${near}"?`
}
