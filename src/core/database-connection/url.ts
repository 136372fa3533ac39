import { suggestNearest } from '../suggest.js'
import { ConnectionFault } from './fault.js'

/** The scheme, who logs in, where, the database, and what stands behind the question mark. */
const URL_PARTS = /^(postgres(?:ql)?):\/\/(?:([^@/?#]*)@)?(\[[^\]@/?#]*\]|[^:@/?#[\]]*)(?::([^/?#@]*))?(?:\/([^@/?#]*))?(?:\?([^@#]*))?$/
const PARAMETERS = ['sslmode', 'sslrootcert', 'application_name', 'options', 'token_table']
const ENCODE_HINT =
  'write it as postgres://user:password@host:5432/database; in it, @ : / ? # and % of a name or a password are written %40 %3A %2F %3F %23 and %25'

/**
 * The parts of a database URL. Throws DATABASE_CONNECTION_INVALID. Stricter than the URLs of the web: what cannot be told apart for sure is
 * refused, since a password with an unencoded `@` or `/` would become a part of the host.
 */
export function readDatabaseUrl(url: string): { readonly [key: string]: unknown } {
  const [whole, , login, host = '', port, database, query] = URL_PARTS.exec(url) ?? []
  if (whole === undefined) {
    throw fault(/^postgres(ql)?:\/\//.test(url) ? 'a URL that cannot be taken apart' : 'a text that is no URL of a database')
  }
  const at = login === undefined ? -1 : login.indexOf(':')
  const user = at < 0 ? login : login?.slice(0, at)
  const password = at < 0 ? undefined : login?.slice(at + 1)
  return {
    host: decode(host.replace(/^\[|\]$/g, ''), 'host'),
    ...(port === undefined || port === '' ? {} : { port: decode(port, 'port') }),
    ...(user === undefined ? {} : { user: decode(user, 'user') }),
    ...(password === undefined ? {} : { password: decode(password, 'password') }),
    ...(database === undefined ? {} : { database: decode(database, 'database') }),
    ...readParameters(query ?? ''),
  }
}

function readParameters(query: string): { readonly [key: string]: unknown } {
  const given = new Map<string, string>()
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const at = pair.indexOf('=')
    const name = at < 0 ? pair : pair.slice(0, at)
    if (!PARAMETERS.includes(name)) {
      throw fault(`a URL with the unknown parameter "${name}"`, suggestNearest(name, PARAMETERS, `known are ${PARAMETERS.join(', ')}`))
    }
    if (given.has(name)) throw fault(`a URL that has ${name} twice`)
    given.set(name, decode(at < 0 ? '' : pair.slice(at + 1), name))
  }
  const name = given.get('application_name')
  const options = { ...readSettings(given.get('options')), ...(name === undefined ? {} : { application_name: name }) }
  const tokenTable = given.get('token_table')
  return {
    ...readSslParameters(given.get('sslmode'), given.get('sslrootcert')),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(tokenTable === undefined ? {} : { token_table: tokenTable }),
  }
}

function readSslParameters(mode: string | undefined, ca: string | undefined): { readonly ssl?: unknown } {
  if (ca === undefined) return mode === undefined ? {} : { ssl: mode }
  if (mode === 'verify-full') return { ssl: { rejectUnauthorized: true, ca } }
  throw fault('a URL with an sslrootcert that nothing is checked against', 'add sslmode=verify-full')
}

/** `-c name=value`, any number of them, as libpq takes them; a blank in a value has a backslash before it. */
function readSettings(text = ''): { readonly [name: string]: string } {
  const settings: { [name: string]: string } = {}
  const words = [...text.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) => word.replace(/\\(.)/gs, '$1'))
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    const setting = word === '-c' ? words[++i] : /^(?:-c|--)(.+)$/s.exec(word)?.[1]
    const at = setting?.indexOf('=') ?? -1
    if (setting === undefined || at <= 0) throw fault('a URL whose options are not of the form -c name=value')
    settings[setting.slice(0, at).replaceAll('-', '_')] = setting.slice(at + 1)
  }
  return settings
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // What decodeURIComponent throws says no more than this, and might quote a password.
    throw fault(`a URL whose ${what} has a % that is no percent-encoding`)
  }
}

function fault(found: string, hint: string = ENCODE_HINT): ConnectionFault {
  return new ConnectionFault(found, hint)
}
