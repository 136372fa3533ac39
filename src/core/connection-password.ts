import { isObject, type Json } from './json.js'
import { parseTemplate } from './template.js'

/** A connection as it was written, without its password, and whether there was one. */
export interface Withheld {
  readonly written: Json
  readonly withheld: boolean
}

/**
 * Takes a password that stands in a connection as it is out of it; templates that stand for one stay. Throws TemplateSyntaxError.
 */
export function withholdPassword(connection: Json): Withheld {
  if (typeof connection === 'string') return withholdFromUrl(connection)
  if (!isObject(connection) || typeof connection.password !== 'string') return { written: connection, withheld: false }
  const { password, ...written } = connection
  return hasRef(password) ? { written: connection, withheld: false } : { written, withheld: password !== '' }
}

/** A URL up to its password, and the password. */
const LOGIN = /^(postgres(?:ql)?:\/\/[^:@/?#]*):([^@/?#]*)@/

function withholdFromUrl(url: string): Withheld {
  // Templates have characters of their own that would end the parts of a URL.
  const refs: string[] = []
  const plain = parseTemplate(url)
    .map((part) => (part.kind === 'text' ? part.text.replaceAll('{{', '\\{{') : `\0${refs.push(part.source) - 1}\0`))
    .join('')
  const password = LOGIN.exec(plain)?.[2] ?? ''
  if (password === '' || password.includes('\0')) return { written: url, withheld: false }
  const written = plain.replace(LOGIN, '$1@').replace(/\0(\d+)\0/g, (_, index: string) => refs[Number(index)] ?? '')
  return { written, withheld: true }
}

function hasRef(text: string): boolean {
  return parseTemplate(text).some((part) => part.kind === 'ref')
}
