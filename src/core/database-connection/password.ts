import { isObject, type Json } from '../json.js'
import { parseTemplate } from '../template.js'

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

/** A connection as it was written, without its password or the templates that stand for one: what tells it from another. Throws TemplateSyntaxError. */
export function withoutPassword(connection: Json): Json {
  if (typeof connection === 'string') {
    const { plain, restore } = setRefsAside(connection)
    return restore(plain.replace(LOGIN, '$1@'))
  }
  if (!isObject(connection)) return connection
  const { password: _, ...others } = connection
  return others
}

/** A URL up to its password, and the password. */
const LOGIN = /^(postgres(?:ql)?:\/\/[^:@/?#]*):([^@/?#]*)@/

function withholdFromUrl(url: string): Withheld {
  const { plain, restore } = setRefsAside(url)
  const password = LOGIN.exec(plain)?.[2] ?? ''
  if (password === '' || password.includes('\0')) return { written: url, withheld: false }
  return { written: restore(plain.replace(LOGIN, '$1@')), withheld: true }
}

/** Templates have characters of their own that would end the parts of a URL: a number stands for each. */
function setRefsAside(url: string): { readonly plain: string; readonly restore: (text: string) => string } {
  const refs: string[] = []
  const plain = parseTemplate(url)
    .map((part) => (part.kind === 'text' ? part.text.replaceAll('{{', '\\{{') : `\0${refs.push(part.source) - 1}\0`))
    .join('')
  return { plain, restore: (text) => text.replace(/\0(\d+)\0/g, (_, index: string) => refs[Number(index)] ?? '') }
}

function hasRef(text: string): boolean {
  return parseTemplate(text).some((part) => part.kind === 'ref')
}
