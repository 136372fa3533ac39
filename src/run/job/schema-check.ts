import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Ajv, ValidateFunction } from 'ajv'
import { packageFolder } from '../../registry/registry.js'

/** The schemas of the files of a job, without `.schema.json`. */
export const JOB_SCHEMAS = ['dag', 'execution-metadata'] as const

export type JobSchema = (typeof JOB_SCHEMAS)[number]

/**
 * The check of a file of a job. `npm run build` compiles it ahead, which takes longer than all else that a run does before rows move. One
 * whose schema has changed since, or in source that was never built, is compiled here.
 */
export function loadSchemaCheck<T>(name: JobSchema): ValidateFunction<T> {
  const schema = readSchema(name)
  const file = compiledFile(name, schema)
  return existsSync(file) ? createRequire(import.meta.url)(file) : createCompiler().compile<T>(JSON.parse(schema))
}

/** What compiles the schemas of jobs. Ajv is loaded only now: a run that finds compiled checks does without it. */
export function createCompiler(): Ajv {
  const ajv: typeof import('ajv') = createRequire(import.meta.url)('ajv')
  // Our own schemas are sound: a test checks them, and compiling the schema of schemas takes longer than the rest.
  return new ajv.Ajv({ strict: false, meta: false, validateSchema: false, code: { source: true } })
}

/** The text of a schema. */
export function readSchema(name: JobSchema): string {
  return readFileSync(path.join(packageFolder(), 'schema', `${name}.schema.json`), 'utf8')
}

/** Where the compiled check of a schema is, by the schema's text: that of another text is never taken for it. */
export function compiledFile(name: JobSchema, schema: string): string {
  const hash = createHash('sha256').update(schema).digest('hex').slice(0, 16)
  return path.join(packageFolder(), 'dist', 'schema', `${name}-${hash}.cjs`)
}
