import { expect, test } from 'vitest'
import { exitCodeOf } from '../../src/cli/exit-codes.js'
import { ERROR_CODES } from '../../src/core/error-codes.js'
import { PypeError } from '../../src/core/errors.js'

/** `npm run docs` writes the page anew: it runs this test with --update. */
test('docs/error-codes.md lists every code with its meaning and exit code', async () => {
  await expect(formatErrorCodes()).toMatchFileSnapshot('../../docs/error-codes.md')
})

function formatErrorCodes(): string {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} | ${exitCode(code)} |`,
  )
  return `# Error codes

Every error and warning of \`pype\` has one of these codes. A code is never renamed and never used for something else.
The last column is the exit code when the error ends a command; a run that has started and fails ends with 1
whatever the code, and a warning ends nothing. This page is written by \`npm run docs\`.

| code | meaning | exit |
|---|---|---|
${rows.join('\n')}
`
}

function exitCode(code: string): number {
  const known = Object.keys(ERROR_CODES).find((candidate): candidate is keyof typeof ERROR_CODES => candidate === code)
  return known === undefined ? -1 : exitCodeOf(new PypeError(known, ''))
}
