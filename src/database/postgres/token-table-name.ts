import { PypeError } from '../../core/errors.js'

/** A name with or without its schema, quoted: `etl.commits` is `"etl"."commits"`. A part that has a dot or a quote in it comes quoted. */
export function quoteQualified(written: string): string {
  const parts = written.match(/^(?:("(?:[^"]|"")+"|[^."]+)\.)?("(?:[^"]|"")+"|[^."]+)$/)
  if (parts === null) {
    throw new PypeError('CONFIG_INVALID', `token_table is no name of a table: ${written}.`, { hint: 'write `name` or `schema.name`' })
  }
  return parts
    .slice(1)
    .filter((part) => part !== undefined)
    .map((part) => (part.startsWith('"') ? part : `"${part}"`))
    .join('.')
}
