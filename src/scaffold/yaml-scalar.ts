/** Words that YAML, of this version or of an older one, does not take for texts. */
const NO_TEXT = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i

/** A text as a scalar of YAML: as it is where every reader takes it for that text, else in quotes. */
export function toScalar(text: string): string {
  // Single quotes, where nothing in the text would have to be escaped, are easier to read.
  if (text.includes('"') && !/['\\\p{Cc}]/u.test(text)) return `'${text}'`
  return /^[A-Za-z_][\w./-]*(?:\([\w, ()]*\))?(?:\[\])*$/.test(text) && !NO_TEXT.test(text) ? text : JSON.stringify(text)
}
