/** `pypeline`: build, validate and run as functions. Nothing is read from the process but what a caller passes in. */
export { type BuildOptions, type BuildResult, buildFlow, type ValidateOptions, type ValidateResult, validateFlow } from './build/build.js'
export type { Dag, ExecutionMetadata } from './core/dag.js'
export { ERROR_CODES, type ErrorCode } from './core/error-codes.js'
export { type Diagnostic, DiagnosticsError, type Place, PypeError } from './core/errors.js'
export type { ModuleCatalogue, ResolvedModule } from './registry/catalogue.js'
export { openCatalogue } from './registry/registry.js'
export { type BackfillOptions, type BackfillRun, type BackfillSummary, backfill } from './run/backfill/backfill.js'
export { type RunOptions, type RunSummary, runJob } from './run/run.js'
