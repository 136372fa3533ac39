/** What to do about a header that was read as one name, in which another character seems to separate names; undefined where none does. */
export function hintAtDelimiter(header: readonly string[]): string | undefined {
  const [only = '', ...others] = header
  const delimiter = others.length > 0 ? undefined : [';', '\t', '|', ','].find((character) => only.includes(character))
  return delimiter === undefined ? undefined : `set delimiter: ${JSON.stringify(delimiter)}`
}
