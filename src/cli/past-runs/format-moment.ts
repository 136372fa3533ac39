/** `2026-01-31 06:00:00` of an ISO time. */
export function formatMoment(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ')
}
