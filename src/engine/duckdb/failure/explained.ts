import type { ErrorCode } from '../../../core/error-codes.js'

/** What an error of the engine means to the author of a flow. */
export interface Explained {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}
