/** Names and texts in SQL that PostgreSQL reads. */
import { PypeError } from 'pypeline/sdk'

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
  const [folder, own = ''] = parts
  return { schema: folder, name: own, quoted: folder === undefined ? quoteName(own) : `${quoteName(folder)}.${quoteName(own)}` }
}
