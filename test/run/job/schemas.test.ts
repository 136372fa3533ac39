import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { packageFolder } from '../../../src/registry/registry.js'

const FOLDER = path.join(packageFolder(), 'schema')

it.each(readdirSync(FOLDER))('%s is a sound JSON Schema', (name) => {
  const ajv = new Ajv({ strict: false })
  expect(ajv.validateSchema(JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')))).toBe(true)
})
