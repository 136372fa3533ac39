/** Stands in SQL for a text that only a run knows: a character that nobody writes, so that no check takes it for the text itself. */
export const UNKNOWN_TEXT = '\u{F0000}'
