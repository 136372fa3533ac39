const NAMED: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text on one line of a terminal: what would move its cursor, change its colours or turn the direction is written as an escape. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu,
    (character) => NAMED[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

/** The same of a message, whose line ends stay; a tab is two blanks. It may hold names, values and whole outputs of programs. */
export function escapeMessage(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => escapeControls(line.replaceAll('\t', '  ')))
    .join('\n')
}
