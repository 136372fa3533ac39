/** `1 module`, `2,000 modules`. */
export function formatQuantity(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`
}

/** `2,000`: of an integer. */
export function formatCount(count: number): string {
  // Not by a locale, whose data takes longer to load than all the rest of a summary.
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',')
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1.5 MB`: of a number of bytes, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

/** `0.12 s`, `1.5 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. `decimals` are those of less than a minute. */
export function formatSeconds(seconds: number, decimals = seconds < 1 ? 2 : seconds < 10 ? 1 : 0): string {
  const short = seconds.toFixed(decimals)
  if (Number(short) < 60) return `${short} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
}
