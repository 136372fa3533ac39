import { showsUnicode } from './shows-unicode.js'
import { spellAscii } from './spell-ascii.js'

const CYAN = '\x1b[36m'
const MAGENTA = '\x1b[35m'

/** A terminal for what others draw on it: in colours that a light background shows too, and in ASCII where it shows no more. */
export function openReadableOutput(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): NodeJS.WriteStream {
  const spell = showsUnicode(env) ? (text: string) => text : spellAscii
  const write = (text: string, then?: () => void) => stream.write(spell(text.replaceAll(CYAN, MAGENTA)), then)
  return new Proxy(stream, {
    get: (target, key) => {
      if (key === 'write') return write
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
