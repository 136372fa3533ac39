import { type Findings, suggestName } from '../../build/findings.js'
import { ERROR_CODES, type ErrorCode } from '../../core/error-codes.js'
import type { Named } from '../load/test-file.js'

/** The code that a text is; one that does not exist is reported. */
export function checkErrorCode({ text, at }: Named, findings: Findings): ErrorCode | undefined {
  const codes = Object.keys(ERROR_CODES)
  if (isCode(text)) return text
  findings.error('TEST_INVALID', at, `There is no error code ${text}.`, suggestName(text, codes, 'docs/error-codes.md lists them'))
  return undefined
}

function isCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text)
}
