import type { DisplayFlags } from '../display/open-display.js'

/** Prints the last line of stdout: the result as the last event with `--json`, else `text`. */
export function printResult({ json, quiet }: DisplayFlags, result: object, text: string): void {
  if (json) process.stdout.write(`${JSON.stringify({ event: 'summary', ...result })}\n`)
  else if (!quiet) process.stdout.write(text)
}
