/** Compiles the schemas of files into dist; a step of `npm run build`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import standalone from 'ajv/dist/standalone/index.js'
import { CHECKED_SCHEMAS, compiledFile, createCompiler, readSchema } from './schema-check.js'

for (const name of CHECKED_SCHEMAS) {
  const schema = readSchema(name)
  const file = compiledFile(name, schema)
  const compiler = createCompiler(name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, standalone.default(compiler, compiler.compile(JSON.parse(schema))))
}
