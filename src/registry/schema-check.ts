import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Ajv, ValidateFunction } from 'ajv'
import { packageFolder } from './registry.js'

/** The schemas of the files that are checked in each run, build or test, without `.schema.json`. */
export const CHECKED_SCHEMAS = ['dag', 'execution-metadata', 'flow', 'test'] as const

export type CheckedSchema = (typeof CHECKED_SCHEMAS)[number]

/** Files that people write: all their faults are told, with what the schema says of each. */
const WRITTEN_BY_HAND: ReadonlySet<CheckedSchema> = new Set(['flow', 'test'])

/**
 * The check of a file. `npm run build` compiles it ahead, which takes longer than all else that happens before rows move. One whose
 * schema has changed since, or in source that was never built, is compiled here.
 */
export function loadSchemaCheck<T>(name: CheckedSchema): ValidateFunction<T> {
  const schema = readSchema(name)
  const file = compiledFile(name, schema)
  return existsSync(file) ? createRequire(import.meta.url)(file) : createCompiler(name).compile<T>(JSON.parse(schema))
}

/** What compiles a schema. Ajv is loaded only now: what finds compiled checks does without it. */
export function createCompiler(name: CheckedSchema): Ajv {
  const ajv: typeof import('ajv') = createRequire(import.meta.url)('ajv')
  const tellsAll = WRITTEN_BY_HAND.has(name)
  // Our own schemas are sound: a test checks them, and compiling the schema of schemas takes longer than the rest.
  return new ajv.Ajv({ strict: false, meta: false, validateSchema: false, code: { source: true }, allErrors: tellsAll, verbose: tellsAll })
}

/** The text of a schema. */
export function readSchema(name: CheckedSchema): string {
  return readFileSync(path.join(packageFolder(), 'schema', `${name}.schema.json`), 'utf8')
}

/** Where the compiled check of a schema is, by the schema's text: that of another text is never taken for it. */
export function compiledFile(name: CheckedSchema, schema: string): string {
  const hash = createHash('sha256').update(schema).digest('hex').slice(0, 16)
  return path.join(packageFolder(), 'dist', 'schema', `${name}-${hash}.cjs`)
}
