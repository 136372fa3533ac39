import { type Diagnostic, DiagnosticsError } from '../core/errors.js'
import type { ReadFile } from './plan/plan-tests.js'

/** Thrown when a test file or its flow is wrong: with all that is, and the cases that were not run because of it. */
export class RefusedTests extends DiagnosticsError {
  readonly files: readonly ReadFile[]

  constructor(diagnostics: readonly Diagnostic[], files: readonly ReadFile[]) {
    super(diagnostics)
    this.files = files
  }
}
