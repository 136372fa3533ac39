import { quoteText } from '../statement/literal.js'

/** How texts are read as values. */
export interface TextFormat {
  /** strptime format of dates; undefined: ISO 8601. */
  readonly dateFormat?: string | undefined
  readonly timestampFormat?: string | undefined
  readonly decimal: '.' | ','
  /** The character between groups of three digits before the decimal sign; undefined: there is none. */
  readonly thousands?: string | undefined
}

/** Values as ISO 8601 and SQL write them. */
export const ISO_FORMAT: TextFormat = { decimal: '.' }

/**
 * A number as the engine's cast reads it, without its thousands separators and with a decimal point; the cheap condition under which
 * a separator may stand where it has no meaning, and the condition that it does. With a decimal comma a point means nothing that we could know.
 */
export function pointed(text: string, format: TextFormat): { value: string; suspicious: string; misplaced: string } {
  const { decimal, thousands } = format
  const ungrouped = thousands === undefined ? text : `replace(${text}, ${quoteText(thousands)}, '')`
  const value = decimal === '.' ? ungrouped : `replace(${ungrouped}, ',', '.')`
  const point = decimal === '.' || thousands === '.' ? [] : [`contains(${text}, '.')`]
  const group = thousands === undefined ? [] : [`contains(${text}, ${quoteText(thousands)})`]
  const suspicious = [...point, ...group].length === 0 ? 'FALSE' : `(${[...point, ...group].join(' OR ')})`
  const grouped = `\\s*[+-]?${wholeDigits('[0-9]*', format)}([${decimal}][0-9]*)?([eE][+-]?[0-9]+)?\\s*`
  // Infinities and NaN are no numbers with separators.
  const misplaced = thousands === undefined ? suspicious : `(${suspicious} AND NOT regexp_full_match(${text}, ${quoteText(grouped)}))`
  return { value, suspicious, misplaced }
}

/** The pattern of the digits before the decimal sign: `plain` ones, or groups of three behind up to three. */
export function wholeDigits(plain: string, { thousands }: TextFormat): string {
  return thousands === undefined ? plain : `(?:[0-9]{1,3}(?:${characterPattern(thousands)}[0-9]{3})+|${plain})`
}

/** The pattern of one character, whatever it means in patterns. */
function characterPattern(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
