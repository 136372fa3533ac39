import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Dag } from '../../core/dag.js'
import { nearest, PypeError } from '../../core/errors.js'
import { fieldOf, isJsonObject, type Json, type JsonObject } from '../../core/json.js'
import { suggestNearest } from '../../core/suggest.js'
import { parseExactJson, parseLooseJson } from './exact-json.js'
import { findContextNames } from './find-context-names.js'
import { type RenderedContext, renderContext } from './render-context.js'

/** Where the values of a run's context come from. */
export interface ContextSource {
  readonly jobFolder: string
  readonly cwd: string
  /** A file, or the name of a context; the default one when undefined. */
  readonly context: string | undefined
  /** `name=value`, each, or the values themselves. */
  readonly set: readonly string[] | JsonObject
  readonly env: { readonly [name: string]: string | undefined }
}

/** The context of a run: the file's values with those that were set over them, templates rendered. */
export interface ResolvedContext extends RenderedContext {
  /** The name by which its cursors are kept: that of the context, or of its file. */
  readonly name: string
  /** What was set on the command line. */
  readonly set: JsonObject
}

/**
 * Reads the context. Throws CONTEXT_MISSING naming all values that the flow needs and that are null or absent. `whole` is the flow that
 * `dag` is a part of: what it names can be set too.
 */
export function readContext(dag: Dag, source: ContextSource, whole: Dag = dag): ResolvedContext {
  const file = findContextFile(dag.flow.name, source)
  const written = file === undefined ? {} : readContextFile(file)
  const needed = findContextNames(dag)
  const set = readSet(source.set, written, whole === dag ? needed : findContextNames(whole))
  const fromFile = Object.entries(written).filter(([name]) => !Object.hasOwn(set, name))
  const texts = [
    ...fromFile.map(([name, value]) => ({ name, value, where: `The context value "${name}" (${file})` })),
    ...(isTexts(source.set) ? Object.entries(set) : []).map(([name, value]) => ({
      name,
      value,
      where: `The context value "${name}" (--set)`,
    })),
  ]
  const rendered = renderContext(texts, source.env)
  // What a program or another job gives is data, with whatever braces in it.
  const values = isTexts(source.set) ? rendered.values : { ...rendered.values, ...set }
  const missing = [...needed].filter((name) => !hasValue(values, name) && !hasValue(rendered.written, name))
  if (missing.length > 0) {
    throw new PypeError('CONTEXT_MISSING', `The context has no value for ${missing.join(', ')}${file === undefined ? '' : ` (${file})`}.`, {
      hint: hintAtMissing(
        missing,
        Object.keys(written).filter((name) => !needed.has(name)),
      ),
    })
  }
  return { name: nameContext(dag.flow.name, file), values, written: rendered.written, set }
}

/** `unused` are names of the context file that the flow does not use: one of them may have been meant. */
function hintAtMissing(missing: readonly string[], unused: readonly string[]): string {
  const meant = missing.flatMap((name) => {
    const near = nearest(name, unused)
    return near === undefined ? [] : [`"${near}" for ${name}`]
  })
  const remedy = `fill them in, or give them: ${missing.map((name) => `--set ${name}=…`).join(' ')}`
  return meant.length > 0 ? `did you mean ${meant.join(', ')}, which the context has? Else ${remedy}` : remedy
}

/** A context of the job has the same name whether it is given by its name or by its path. */
function nameContext(flow: string, file: string | undefined): string {
  const name = file === undefined ? 'default' : path.basename(file, '.json')
  return name.startsWith(`${flow}_`) ? name.slice(flow.length + 1) : name
}

/** Whether a context gives a name a value; null is none. */
export function hasValue(values: JsonObject, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== null
}

const BUILD_BRINGS_IT = ' (one that was added beside the flow comes into the job when it is built: `pype build FLOW.yaml`)'

function findContextFile(flow: string, { jobFolder, cwd, context }: ContextSource): string | undefined {
  const named = (name: string) => path.join(jobFolder, 'context', `${flow}_${name}.json`)
  if (context === undefined) return existsSync(named('default')) ? named('default') : undefined
  const candidates = /[/.]/.test(context) ? [path.resolve(cwd, context)] : [named(context), path.resolve(cwd, context)]
  const found = candidates.find((file) => existsSync(file))
  if (found !== undefined) return found
  const known = listContexts(flow, jobFolder)
  const list = known.length === 0 ? 'none in its folder context/' : known.join(', ')
  const hint = suggestNearest(context, known, `give the path of a JSON file, or the name of a context of the job: it has ${list}`)
  // A preview reads what stands beside the flow; a run has what the last build has copied.
  const isJob = existsSync(path.join(jobFolder, `${flow}_dag.json`))
  throw new PypeError('FILE_NOT_FOUND', `There is no context "${context}": ${candidates[0]} does not exist.`, {
    hint: `${hint}${isJob && candidates.length > 1 ? BUILD_BRINGS_IT : ''}`,
  })
}

/** The names of the contexts of a job. */
function listContexts(flow: string, jobFolder: string): string[] {
  const folder = path.join(jobFolder, 'context')
  const files = existsSync(folder) ? readdirSync(folder) : []
  return files.flatMap((file) =>
    file.startsWith(`${flow}_`) && file.endsWith('.json') ? [file.slice(flow.length + 1, -'.json'.length)] : [],
  )
}

function readContextFile(file: string): JsonObject {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new PypeError('FILE_UNREADABLE', `The context file ${file} cannot be read.`, { hint: 'check its rights', cause: error })
  }
  const value = parseExactJson(text, file)
  if (isJsonObject(value)) return value
  throw new PypeError('CONTEXT_INVALID', `${file} is not a JSON object.`, { hint: 'a context file holds one object: { "name": value, … }' })
}

function readSet(set: ContextSource['set'], written: JsonObject, needed: ReadonlySet<string>): JsonObject {
  if (!isTexts(set)) return checkSet(set, written, needed)
  const values = new Map<string, Json>()
  for (const one of set) {
    const at = one.indexOf('=')
    if (at <= 0) throw new PypeError('USAGE', `--set ${one} is not of the form name=value.`, { hint: 'e.g. --set limit=100' })
    const name = one.slice(0, at)
    checkName(name, `--set ${name}`, written, needed)
    values.set(name, typeLike(fieldOf(written, name), one.slice(at + 1), name))
  }
  return Object.fromEntries(values)
}

/** What was set, beside values that are known already: texts take the type that a value has there. */
export function readSetLike(dag: Dag, known: JsonObject, { set, env }: Pick<ContextSource, 'set' | 'env'>): RenderedContext {
  const values = readSet(set, known, findContextNames(dag))
  if (!isTexts(set)) return { values, written: {} }
  const texts = Object.entries(values).map(([name, value]) => ({ name, value, where: `The context value "${name}" (--set)` }))
  return renderContext(texts, env)
}

/** Whether a job has a context of this name. */
export function hasContext(flow: string, jobFolder: string, name: string): boolean {
  return existsSync(path.join(jobFolder, 'context', `${flow}_${name}.json`))
}

/** Values that a program or another job gives. */
function checkSet(set: JsonObject, written: JsonObject, needed: ReadonlySet<string>): JsonObject {
  const values = new Map<string, Json>()
  for (const [name, value] of Object.entries(set)) {
    checkName(name, `set ${name}`, written, needed)
    const model = fieldOf(written, name)
    // As on the command line: what the context has as a text takes the text of a value.
    const taken = typeof model === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : value
    if (model !== undefined && model !== null && kindOf(model) !== kindOf(taken)) {
      throw new PypeError('CONTEXT_INVALID', `set ${name}: the context has ${kindOf(model)} there, and this is ${kindOf(taken)}.`, {
        hint: `e.g. ${name}: ${JSON.stringify(model)}`,
      })
    }
    values.set(name, taken)
  }
  return Object.fromEntries(values)
}

function checkName(name: string, where: string, written: JsonObject, needed: ReadonlySet<string>): void {
  if (Object.hasOwn(written, name) || needed.has(name)) return
  throw new PypeError('CONTEXT_INVALID', `${where}: neither the context nor the flow knows "${name}".`, {
    hint: suggestNearest(name, [...Object.keys(written), ...needed], 'use a name that stands in the flow as {{context.name}}'),
  })
}

/** Text from the command line as the type that the context's value has, else as JSON, else as text. */
function typeLike(model: Json | undefined, text: string, name: string): Json {
  if (typeof model === 'string') return text
  const value = parseLooseJson(text, `--set ${name}`)
  if (model === undefined || model === null || kindOf(model) === kindOf(value)) return value
  throw new PypeError('CONTEXT_INVALID', `--set ${name}=${text}: the context has ${kindOf(model)} there, and this is ${kindOf(value)}.`, {
    hint: `e.g. --set ${name}='${JSON.stringify(model)}'`,
  })
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`
}

function isTexts(set: ContextSource['set']): set is readonly string[] {
  return Array.isArray(set)
}
