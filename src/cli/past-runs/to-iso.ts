/** ISO 8601 in UTC of milliseconds since 1970. */
export function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
