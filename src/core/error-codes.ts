/** Every code of an error or a warning with its meaning. Codes are stable: once released, one is never renamed or reused. */
export const ERROR_CODES = {
  // The command line
  USAGE: 'The command, one of its options or one of their values is wrong.',
  // Files that the command reads
  FILE_NOT_FOUND: 'A file or folder that was named does not exist, or a glob matches nothing.',
  FILE_UNREADABLE: 'A file exists and cannot be read.',
  FILE_UNWRITABLE: 'A file or folder cannot be written.',
  DISK_FULL: 'No space is left where a file is being written.',
  // The flow file
  YAML_SYNTAX: 'The flow file is not valid YAML.',
  SCHEMA: 'A part of the flow file does not have the shape that its schema demands.',
  UNKNOWN_KEY: 'A key is not known where it stands.',
  // Modules
  UNKNOWN_MODULE: 'No module has this name.',
  MODULE_INVALID: 'A module file does not define a module, or defines it wrongly.',
  MODULE_GONE: 'The module file that a job names is not there any more.',
  MODULE_CHANGED: 'A user module differs from the one that the job was built with.',
  REGISTRY_INVALID: 'ModRegistry.json is not valid.',
  CONFIG_MISSING: 'A required config has no value.',
  CONFIG_TYPE: 'The value of a config has the wrong type or is not one of the allowed values.',
  CONFIG_INVALID: 'The configs of a node contradict each other or make no sense.',
  // Templates and context
  TEMPLATE_SYNTAX: 'A {{template}} is malformed.',
  // Rows
  BAD_ROW: 'A row is broken or has a value that does not fit its declared type.',
  TOO_MANY_REJECTS: 'More rows were rejected than max_rejects allows.',
  SCHEMA_MISMATCH: 'Columns are missing or differ from the declared or expected ones.',
  EMPTY_FILE: 'A file is empty where at least a header was expected.',
  FILE_CORRUPT: 'A file is not a whole file of its format.',
  SQL_INVALID: 'An SQL text is wrong: syntax, an unknown column or function, or types that do not go together.',
  SQL_FAILED: 'A query failed while it ran.',
  OUT_OF_MEMORY: 'A query needs more memory than memory_limit allows.',
  ENGINE_LOST: 'The data engine had to be reopened; what ran in it failed with it.',
  MODULE_FAILED: 'The code of a module threw an error.',
  TARGET_EXISTS: 'The target exists and the mode is error_if_exists.',
  TARGET_CLASH: 'Two sub flows of one run write to the same target.',
  // Commits
  COMMIT_UNFINISHED: 'A sub flow has begun to put its output in place and could not finish; the next start of the job finishes it.',
  COMMIT_LOST: 'A run was killed while it committed, and what it had staged is gone.',
  JOURNAL_BROKEN: 'A record in the middle of a journal is damaged, or the journal is not one.',
  // Jobs
  JOB_INVALID: 'A folder is not a job, or a file of the job was edited or cut.',
  JOB_VERSION: 'A job was built for another version of pype, of the engine or of a module.',
  PACKAGE_MISSING: 'An npm package that a module needs is not installed.',
  VALVE_UNSUPPORTED: 'A valve of the job has a type that this version does not run yet.',
  CONTEXT_INVALID: 'A context file, or a value given for the context, is not valid.',
  CONTEXT_MISSING: 'Values of the context that the flow needs are missing or null.',
  TEMPLATE_VALUE: 'A {{template}} has no value, or one that cannot stand in its place.',
  // Runs
  RUN_BUSY: 'Another run of the job is going on.',
  CANCELLED: 'The run was cancelled.',
  TIMEOUT: 'The run took longer than settings.timeout.',
  INTERNAL: 'A defect of pype itself. Please report it.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES
