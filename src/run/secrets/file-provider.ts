import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../../core/errors.js'
import { fieldOf, isObject, parseJson } from '../../core/json.js'
import { suggestPath } from '../../core/near-path.js'
import { quoteWord } from '../../core/quote-word.js'
import { suggestNearest } from '../../core/suggest.js'
import { readFields } from './read-fields.js'
import { type SecretProvider, unreadable } from './secret-provider.js'

/** Rights of the group and of all others to read or to write. */
const OTHERS = 0o066

const IN_CONTEXT = 'its path stands in the context: "secrets": {"provider": "file", "path": …}'

/** Takes secrets from a JSON file, `{"path": {"field": "value"}}`. Throws SECRET_UNREADABLE, also when others may read the file. */
export function openSecretFile(file: string): SecretProvider {
  const content = readSecretFile(file)
  return {
    read: async (secret) => {
      const fields = fieldOf(content, secret)
      if (fields === undefined) {
        const hint = suggestNearest(secret, Object.keys(content), `add it: {${JSON.stringify(secret)}: {"field": "value"}}`)
        throw unreadable(`The file ${file} has no path "${secret}".`, hint)
      }
      if (!isObject(fields))
        throw unreadable(`The path "${secret}" in ${file} is no object.`, `write it as {${JSON.stringify(secret)}: {"field": "value"}}`)
      return readFields(fields, `at "${secret}" in ${file}`)
    },
    ownVariables: () => false,
    close: () => {},
  }
}

function readSecretFile(file: string): { readonly [path: string]: unknown } {
  let text: string
  try {
    const stats = statSync(file)
    if (!stats.isFile()) throw unreadable(`${file} is no file.`, IN_CONTEXT)
    const { mode } = stats
    if ((mode & OTHERS) !== 0)
      throw unreadable(`The file ${file} can be read by others.`, `keep it to yourself: chmod 600 ${quoteWord(file)}`)
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof PypeError || !(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'ENOENT')
      throw unreadable(
        `There is no file ${file}.`,
        suggestPath(path.basename(file), path.dirname(file), (name) => name.endsWith('.json'), IN_CONTEXT),
      )
    throw unreadable(`The file ${file} cannot be read: ${String(error.code)}.`, IN_CONTEXT)
  }
  const content = parseJson(text)
  if (isObject(content)) return content
  throw unreadable(`The file ${file} is no JSON object.`, 'write it as {"path": {"field": "value"}}')
}
