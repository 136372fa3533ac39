/** Tabs as two blanks; characters that would steer the terminal are shown as a mark. */
export function makePrintable(text: string): string {
  return text.replaceAll('\t', '  ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
}
