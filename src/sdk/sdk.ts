/** `pypeline/sdk`: what authors of modules import. */
export { nearest, PypeError } from '../core/errors.js'
export type { Json, JsonObject } from '../core/json.js'
export { listShort } from '../core/list-short.js'
export type { DataArtifact, Row } from './artifact.js'
export { findColumn } from './columns.js'
export type {
  Continuation,
  CopyFormat,
  CopyResult,
  Lead,
  Logger,
  ModuleArtifacts,
  ModuleEngine,
  PortOutput,
  RunContext,
  StageMode,
} from './context.js'
export type {
  Connection,
  Cursor,
  DatabaseSession,
  DatabaseSnapshot,
  DatabaseTransaction,
  QueryResult,
  ResultColumn,
} from './database.js'
export type {
  ColumnsInput,
  ConfigOf,
  ConfigSpec,
  ConfigSpecs,
  ConfigType,
  GlobalSpec,
  InputsOf,
  LineageInput,
  ModuleDefinition,
  ModuleLineage,
  OutputsOf,
  QueryInput,
} from './define-module.js'
export { defineModule } from './define-module.js'
export { ExactValue, type JobOutcome, type JobRequest } from './job-run.js'
export type { Column, Expression, Relation, SqlValue, StreamRelation, WireField } from './relation.js'
export { cast, filesOf, inlineRows, rejectsOf, scan } from './scan.js'
export type { ShellText } from './shell-text.js'
export { expr, ident, joinSql, rawSql, sql, trimStatement } from './sql.js'
export { streamRows } from './stream.js'
export { areUnlike } from './type-family.js'
