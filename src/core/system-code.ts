/** The code that the system gave an error (`ENOENT`), or undefined for errors of another origin. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
