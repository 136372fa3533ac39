/** A number as `[-]digits[.digits]` without zeros that mean nothing; undefined for what is none. */
export function exactNumber(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text.trim()) ?? []
  if (whole === '' && fraction === '') return undefined
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 0)
  const before = padded.slice(0, at).replace(/^0+/, '') || '0'
  const after = padded.slice(at).replace(/0+$/, '')
  const number = after === '' ? before : `${before}.${after}`
  return number === '0' ? '0' : `${sign === '-' ? '-' : ''}${number}`
}

/** The sign of `a - b`, of numbers as {@link exactNumber} writes them. */
export function compareExact(a: string, b: string): number {
  const places = Math.max(placesOf(a), placesOf(b))
  const apart = scaled(a, places) - scaled(b, places)
  return apart === 0n ? 0 : apart < 0n ? -1 : 1
}

/** Whether two numbers, as {@link exactNumber} writes them, are at most so far apart: to the last digit, however many they have. */
export function isExactlyNear(a: string, b: string, tolerance: string): boolean {
  const places = Math.max(placesOf(a), placesOf(b), placesOf(tolerance))
  const apart = scaled(a, places) - scaled(b, places)
  return (apart < 0n ? -apart : apart) <= scaled(tolerance, places)
}

/** Digits behind the point. */
function placesOf(number: string): number {
  const point = number.indexOf('.')
  return point < 0 ? 0 : number.length - point - 1
}

/** A number times ten to a power that makes it whole. */
function scaled(number: string, places: number): bigint {
  return BigInt(number.replace('.', '') + '0'.repeat(places - placesOf(number)))
}
