/** Compiles the schemas of jobs into dist; a step of `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import standalone from 'ajv/dist/standalone/index.js'
import { compiledFile, createCompiler, JOB_SCHEMAS, readSchema } from './schema-check.js'

for (const name of JOB_SCHEMAS) {
  const schema = readSchema(name)
  const file = compiledFile(name, schema)
  const compiler = createCompiler()
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, standalone.default(compiler, compiler.compile(JSON.parse(schema))))
}
