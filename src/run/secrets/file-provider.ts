import { readFileSync, statSync } from 'node:fs'
import { PypeError } from '../../core/errors.js'
import { fieldOf, isObject, parseJson } from '../../core/json.js'
import { readFields } from './read-fields.js'
import { type SecretProvider, unreadable } from './secret-provider.js'

/** Rights of the group and of all others to read or to write. */
const OTHERS = 0o066

/** Takes secrets from a JSON file, `{"path": {"field": "value"}}`. Throws SECRET_UNREADABLE, also when others may read the file. */
export function openSecretFile(file: string): SecretProvider {
  const content = readSecretFile(file)
  return {
    read: async (path) => {
      const fields = fieldOf(content, path)
      if (fields === undefined) throw unreadable(`The file ${file} has no path "${path}".`, 'add it: {"path": {"field": "value"}}')
      if (!isObject(fields)) throw unreadable(`The path "${path}" in ${file} is no object.`, 'write it as {"path": {"field": "value"}}')
      return readFields(fields, `at "${path}" in ${file}`)
    },
    ownVariables: () => false,
    close: () => {},
  }
}

function readSecretFile(file: string): { readonly [path: string]: unknown } {
  let text: string
  try {
    const { mode } = statSync(file)
    if ((mode & OTHERS) !== 0) throw unreadable(`The file ${file} can be read by others.`, `keep it to yourself: chmod 600 ${file}`)
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof PypeError || !(error instanceof Error) || !('code' in error)) throw error
    throw unreadable(
      `The file ${file} cannot be read: ${String(error.code)}.`,
      'its path stands in the context: "secrets": {"provider": "file", "path": …}',
    )
  }
  const content = parseJson(text)
  if (isObject(content)) return content
  throw unreadable(`The file ${file} is no JSON object.`, 'write it as {"path": {"field": "value"}}')
}
