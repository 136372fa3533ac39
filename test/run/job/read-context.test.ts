import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Dag } from '../../../src/core/dag.js'
import { PypeError } from '../../../src/core/errors.js'
import { type ContextSource, readContext } from '../../../src/run/job/read-context.js'
import { makeFlow } from '../scheduling/flow-fixture.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-context-'))
  mkdirSync(path.join(folder, 'context'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function dagWith(...texts: string[]): Dag {
  const { dag } = makeFlow(['a'], [])
  return { ...dag, nodes: dag.nodes.map((node) => ({ ...node, configs: { deep: [{ texts }] } })) }
}

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, 'context', name), text)
}

function read(dag: Dag, more: Partial<ContextSource> = {}) {
  return readContext(dag, { jobFolder: folder, cwd: folder, context: undefined, set: [], env: {}, ...more })
}

describe('the context of a run', () => {
  it('is the default one, another one by its name, or a file', () => {
    write('walked_default.json', '{"dir": "/d"}')
    write('walked_prod.json', '{"dir": "/p"}')
    writeFileSync(path.join(folder, 'mine.json'), '{"dir": "/m"}')
    const dag = dagWith('{{context.dir}}')
    expect(read(dag).values).toEqual({ dir: '/d' })
    expect(read(dag, { context: 'prod' }).values).toEqual({ dir: '/p' })
    expect(read(dag, { context: 'mine.json' }).values).toEqual({ dir: '/m' })
    expect(() => read(dag, { context: 'test' })).toThrow(expect.objectContaining({ code: 'FILE_NOT_FOUND' }))
    expect(() => read(dag, { context: 'prd' })).toThrow(expect.objectContaining({ hint: 'did you mean "prod"?' }))
  })

  it('that stands beside the flow only comes into the job when it is built: the hint of a job says so', () => {
    write('walked_default.json', '{}')
    const hintOf = (context: string) => {
      try {
        return void read(dagWith(), { context })
      } catch (error) {
        return error instanceof PypeError ? error.hint : error
      }
    }
    expect(hintOf('prod')).not.toContain('pype build')
    writeFileSync(path.join(folder, 'walked_dag.json'), '{}')
    const build = '(one that was added beside the flow comes into the job when it is built: `pype build FLOW.yaml`)'
    expect(hintOf('prod')).toBe(`give the path of a JSON file, or the name of a context of the job: it has default ${build}`)
    expect(hintOf('defualt')).toBe(`did you mean "default"? ${build}`)
    expect(hintOf('mine/prod.json')).not.toContain('pype build')
  })

  it('that lacks values is an error that names all of them at once', () => {
    write('walked_default.json', '{"a": null, "b": 1, "unused": null}')
    const dag = dagWith('{{context.a}}', 'x {{context.c}}', '{{context.b}}', '\\{{context.literal}}')
    expect(() => read(dag)).toThrow(
      expect.objectContaining({ code: 'CONTEXT_MISSING', message: expect.stringMatching(/for (a, c|c, a) /) }),
    )
    expect(read(dag, { set: ['a=1', 'c=x'] }).values).toMatchObject({ a: 1, b: 1, c: 'x' })
  })

  it('names values of the file that nobody uses in the place of missing ones that are like them', () => {
    write('walked_default.json', '{"limti": 5, "used": 1, "city": "x"}')
    const hintOf = (...names: string[]) => {
      try {
        read(dagWith(...names.map((name) => `{{context.${name}}}`)))
        return ''
      } catch (error) {
        return error instanceof PypeError ? error.hint : String(error)
      }
    }
    expect(hintOf('limit', 'used', 'rest')).toBe(
      'did you mean "limti" for limit, which the context has? Else fill them in, or give them: --set limit=… --set rest=…',
    )
    expect(hintOf('usde', 'used')).toBe('fill them in, or give them: --set usde=…')
  })

  it('takes set values in the type of the value, else as JSON, else as text', () => {
    write('walked_default.json', '{"text": "x", "count": 1, "list": [1], "open": null}')
    const dag = dagWith('{{context.free}}')
    const { values, set } = read(dag, { set: ['text=012', 'count=5', 'list=["a"]', 'open=true', 'free=a=b'] })
    expect(values).toEqual({ text: '012', count: 5, list: ['a'], open: true, free: 'a=b' })
    expect(set).toEqual(values)
    expect(() => read(dag, { set: ['count=many', 'free=1'] })).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }))
  })

  it('takes values that a program sets as they are, where the context has the same kind or nothing', () => {
    write('walked_default.json', '{"text": "a", "count": 1, "free": null}')
    const set = { text: 5, count: 2, free: { a: '5' } }
    expect(read(dagWith(), { set }).values).toEqual({ text: '5', count: 2, free: { a: '5' } })
    expect(() => read(dagWith(), { set: { count: '2' } })).toThrow(/set count: the context has a number there, and this is a text/)
    expect(() => read(dagWith(), { set: { cuont: 2 } })).toThrow(expect.objectContaining({ hint: 'did you mean "count"?' }))
  })

  it('refuses a set name that nobody knows, with the nearest one', () => {
    write('walked_default.json', '{"limit": 1}')
    expect(() => read(dagWith(), { set: ['limt=2'] })).toThrow(
      expect.objectContaining({ code: 'CONTEXT_INVALID', hint: 'did you mean "limit"?' }),
    )
  })

  it('may stand on the environment and on secrets, and on nothing else', () => {
    write('walked_default.json', '{"db": {"host": "{{env.HOST}}", "port": 5432}}')
    expect(read(dagWith(), { env: { HOST: 'pg' } }).values).toEqual({ db: { host: 'pg', port: 5432 } })
    expect(() => read(dagWith())).toThrow('HOST')
    write('walked_default.json', '{"db": ["{{env.HOST}}", "{{secret.db#password}}"], "host": "{{env.HOST}}"}')
    expect(read(dagWith(), { env: { HOST: 'pg' } })).toMatchObject({
      values: { host: 'pg' },
      written: { db: ['{{env.HOST}}', '{{secret.db#password}}'], host: '{{env.HOST}}' },
    })
    write('walked_default.json', '{"password": "{{node__global}}"}')
    expect(() => read(dagWith())).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }))
  })

  it('names all variables of the environment that it lacks', () => {
    write('walked_default.json', '{"host": "{{env.HOST}}", "db": "{{env.USER_NAME}}@{{env.HOST}}:{{env.PORT}}"}')
    expect(() => read(dagWith(), { env: { PORT: '5432' } })).toThrow(
      expect.objectContaining({
        code: 'CONTEXT_MISSING',
        message: expect.stringMatching(/"host" .*needs HOST\.\n.*"db" .*needs USER_NAME\.\n.*"db" .*needs HOST\.$/),
        hint: 'set them: export HOST=… USER_NAME=…',
      }),
    )
  })

  it.each([
    ['h=a{{x}}', 'The context value "h" (--set): The template {{x}} is malformed'],
    ['h={{context.g}}', 'The context value "h" (--set) has {{context.g}}'],
    ['h={{env.valueOf}}', 'The context value "h" (--set) needs the environment variable valueOf'],
  ])('names the value and where it comes from when its braces make no sense: --set %s', (set, message) => {
    write('walked_default.json', '{"h": "", "g": 1}')
    expect(() => read(dagWith(), { set: [set] })).toThrow(expect.objectContaining({ message: expect.stringContaining(message) }))
    expect(read(dagWith(), { set: { h: set } }).values).toMatchObject({ h: set })
  })

  it('names the file of a value whose braces make no sense, and keeps escaped ones', () => {
    write('walked_default.json', '{"h": ["{{x}}"]}')
    expect(() => read(dagWith())).toThrow(
      expect.objectContaining({
        code: 'CONTEXT_INVALID',
        message: expect.stringMatching(/^The context value "h" \(.*walked_default.json\): /),
      }),
    )
    expect(read(dagWith(), { set: ['h=["\\\\{{x}}"]'] }).values).toEqual({ h: ['{{x}}'] })
  })

  it('may be called like something that every object has', () => {
    const dag = dagWith('{{context.constructor}} {{context.__proto__}}')
    expect(() => read(dag)).toThrow(expect.objectContaining({ code: 'CONTEXT_MISSING' }))
    for (const set of [['constructor=1', '__proto__=x'], JSON.parse('{"constructor": 1, "__proto__": "x"}')]) {
      const { values } = read(dag, { set })
      expect(Object.entries(values)).toEqual([
        ['constructor', 1],
        ['__proto__', 'x'],
      ])
    }
  })

  it.each(['9007199254740993', '[1, -99999999999999999999]'])('with the integer %s is an error and not rounded', (value) => {
    write('walked_default.json', `{"text": "9007199254740993", "id": ${value}}`)
    expect(() => read(dagWith())).toThrow(expect.objectContaining({ code: 'NUMBER_INEXACT' }))
  })

  it.each(['{', '[]', '"x"'])('in a file that holds %s is an error', (text) => {
    write('walked_default.json', text)
    expect(() => read(dagWith())).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }))
  })
})
