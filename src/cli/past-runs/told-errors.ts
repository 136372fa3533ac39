import { isObject } from '../../core/json.js'
import type { LogEntry } from '../../run/history/log-entry.js'

/** Errors that are remembered: a log may have one for each of very many frames. */
const MOST_TOLD = 1000

/** What a line of a log says, and what stands below it. */
export interface ToldLine {
  readonly message: string
  readonly below: readonly string[]
}

/**
 * Tells errors once. The log has an error in the lines of its node, its sub flow and its run; whoever reads these lines one below the other needs its
 * text in the first of them, its place and hint in the first that has them, and its code in the others.
 */
export class ToldErrors {
  /** By code and text: whether the place and the hint were told too. From the oldest on. */
  readonly #told = new Map<string, boolean>()

  tell({ fields, message }: LogEntry): ToldLine {
    const { error } = fields
    if (!isObject(error)) return { message, below: describeDetails(fields, fields.code) }
    const { code, message: text, node } = error
    if (typeof code !== 'string' || typeof text !== 'string') return { message, below: describeDetails(error, code) }
    const key = `${code} ${text}`
    const hadDetails = this.#told.get(key)
    this.#note(key, hadDetails === true || error.at !== undefined || error.hint !== undefined)
    // A node that fails once more does it anew.
    if (hadDetails === undefined || fields.event === 'node.failed') {
      const [first, ...rest] = describeDetails(error, code)
      return { message, below: [first ?? code, ...(message.includes(text) ? [] : text.split('\n')), ...rest] }
    }
    const who = typeof node === 'string' ? `${code} of node ${node}` : code
    return {
      message: message.includes(text) ? message.replace(text, () => code) : `${message}: ${who}`,
      below: hadDetails ? [] : describeDetails(error, undefined),
    }
  }

  #note(key: string, hasDetails: boolean): void {
    this.#told.delete(key)
    this.#told.set(key, hasDetails)
    const [oldest] = this.#told.keys()
    if (oldest !== undefined && this.#told.size > MOST_TOLD) this.#told.delete(oldest)
  }
}

/** Code and place in a line, and the hint in another one. */
function describeDetails({ at, hint }: { readonly [name: string]: unknown }, code: unknown): string[] {
  const place = isObject(at) ? [`${at.file}:${at.line}:${at.column}`] : []
  const head = [...(typeof code === 'string' ? [code] : []), ...place].join('  ')
  return [...(head === '' ? [] : [head]), ...(typeof hint === 'string' ? [`hint: ${hint}`] : [])]
}
