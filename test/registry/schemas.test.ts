import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../src/core/settings.js'
import { packageFolder } from '../../src/registry/registry.js'
import { CHECKED_SCHEMAS, compiledFile, readSchema } from '../../src/registry/schema-check.js'

const FOLDER = path.join(packageFolder(), 'schema')

it.each(readdirSync(FOLDER))('%s is a sound JSON Schema', (name) => {
  const ajv = new Ajv({ strict: false })
  expect(ajv.validateSchema(JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8')))).toBe(true)
})

it.each(CHECKED_SCHEMAS)('`npm run build` has compiled the schema %s, for commands to start sooner', (name) => {
  expect(existsSync(compiledFile(name, readSchema(name)))).toBe(true)
})

const { properties } = JSON.parse(readFileSync(path.join(FOLDER, 'flow.schema.json'), 'utf8')).properties.settings

// Editors show both to the author of a flow.
it.each(Object.entries(DEFAULT_SETTINGS).filter(([, value]) => value !== null))(
  'the schema of flows tells the default of %s',
  (name, value) => {
    const { description, default: given } = properties[name]
    expect(given).toBe(value)
    const told = /Default: (.*)\.$/.exec(description)?.[1]
    expect(told).toBe(typeof value === 'number' ? value.toLocaleString('en-US') : String(value))
  },
)

it.each(Object.entries(DEFAULT_SETTINGS).filter(([, value]) => value === null))(
  'the schema of flows gives no value for %s, which depends on where the job runs',
  (name) => {
    expect(properties[name]).not.toHaveProperty('default')
  },
)
