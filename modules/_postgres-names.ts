/** Names and texts in SQL that PostgreSQL reads. */
import { nearest, PypeError } from 'pypeline/sdk'

/** A name, quoted so that it can hold any character. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text literal. The server's standard_conforming_strings is on: a backslash is a character like others. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** The name of a table. */
export interface TableName {
  readonly schema: string | undefined
  readonly name: string
  /** Quoted, with the schema if it has one. */
  readonly quoted: string
}

/** Bytes that a name may have: the server cuts off the rest without an error, and means another table or column then. */
const MOST_BYTES = 63

/** Why a name cannot be one; undefined for those that can. */
export function nameFault(name: string): string | undefined {
  const bytes = Buffer.byteLength(name)
  return bytes > MOST_BYTES ? `the name ${name} has ${bytes} bytes, and PostgreSQL keeps ${MOST_BYTES} of a name` : undefined
}

const PART = '"(?:[^"]|"")+"|[^."]+'
const NAME = new RegExp(`^(?:(${PART})\\.)?(${PART})$`)

/** Reads `name` or `schema.name`; a part that has a dot or a quote in it comes quoted. Throws CONFIG_INVALID. */
export function parseTableName(written: string): TableName {
  const [, schema, name] = NAME.exec(written) ?? []
  if (name === undefined) {
    throw new PypeError('CONFIG_INVALID', `${written} is no name of a table.`, {
      hint: 'write name or schema.name; a part that has a dot or a quote in it in double quotes',
    })
  }
  const parts = [schema, name].map((part) => (part?.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part))
  for (const part of parts) {
    const fault = part === undefined ? undefined : nameFault(part)
    if (fault !== undefined) throw new PypeError('CONFIG_INVALID', `${sentence(fault)}.`, { hint: 'give the table a shorter name' })
  }
  const [folder, own = ''] = parts
  return { schema: folder, name: own, quoted: folder === undefined ? quoteName(own) : `${quoteName(folder)}.${quoteName(own)}` }
}

/** The hint for a column that there is not: the nearest of those that there are. */
export function hintAtColumn(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near === undefined ? 'names of columns are case-sensitive' : `did you mean "${near}"? Names of columns are case-sensitive`
}

/** What is wrong with the name of a table in a config, for the build; what is no text is known in the run only. */
export function checkTableName(written: unknown): readonly string[] {
  if (typeof written !== 'string') return []
  try {
    parseTableName(written)
    return []
  } catch (error) {
    if (!(error instanceof PypeError)) throw error
    return [error.message]
  }
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
