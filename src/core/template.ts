import { nearest, PypeError } from './errors.js'
import type { Json } from './json.js'
import type { TextSpan } from './source-text.js'
import { suggestNearest } from './suggest.js'

/** What stands between `{{` and `}}`. Names of nodes and globals are as written: they are compared without regard to case. */
export type TemplateRef =
  | { readonly scope: 'context'; readonly name: string }
  | { readonly scope: 'env'; readonly name: string }
  | { readonly scope: 'secret'; readonly path: string; readonly field: string }
  | { readonly scope: 'run'; readonly name: 'id' | 'date' | 'time' | 'job' }
  | { readonly scope: 'flow'; readonly name: 'name' | 'version' }
  /** `iter.item.a` is level 0, path [item, a]; each `outer` adds a level. */
  | { readonly scope: 'iter'; readonly level: number; readonly path: readonly string[] }
  | { readonly scope: 'global'; readonly node: string; readonly name: string }

/** A piece of a text with templates. `\{{` has become the text `{{`. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `offset` and `length` span the braces in the text that was parsed. */
  | { readonly kind: 'ref'; readonly ref: TemplateRef; readonly source: string; readonly offset: number; readonly length: number }

/** A malformed template; `offset` and `length` say where it stands in the text. */
export class TemplateSyntaxError extends PypeError {
  readonly offset: number
  readonly length: number

  constructor(message: string, span: TextSpan, hint?: string) {
    super('TEMPLATE_SYNTAX', message, { hint })
    this.name = 'TemplateSyntaxError'
    this.offset = span.offset
    this.length = span.length
  }
}

/** Whether an unescaped `{{` stands in the text. A text with only `\{{` has no template, but still has to be parsed for its literal braces. */
export function hasTemplate(text: string): boolean {
  let at = text.indexOf('{{')
  while (at > 0 && text[at - 1] === '\\') at = text.indexOf('{{', at + 2)
  return at >= 0
}

/** Whether a template stands anywhere in a value. */
export function containsTemplate(value: Json): boolean {
  if (typeof value === 'string') return hasTemplate(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some(containsTemplate)
}

/** Splits a text into its literal pieces and its templates. Throws {@link TemplateSyntaxError}. */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let literal = ''
  let at = 0
  for (;;) {
    let open = text.indexOf('{{', at)
    if (open < 0) break
    if (open > at && text[open - 1] === '\\') {
      literal += `${text.slice(at, open - 1)}{{`
      at = open + 2
      continue
    }
    // Of more than two braces the last two open, so that `{{{context.n}}}` is a template in braces.
    while (text[open + 2] === '{') open++
    literal += text.slice(at, open)
    if (literal !== '') parts.push({ kind: 'text', text: literal })
    literal = ''
    const part = readRef(text, open)
    parts.push(part)
    at = open + part.length
  }
  literal += text.slice(at)
  if (literal !== '') parts.push({ kind: 'text', text: literal })
  return parts
}

/** All templates in the texts of a value, in their order. Throws {@link TemplateSyntaxError}. */
export function listRefs(value: Json): readonly TemplateRef[] {
  if (typeof value === 'string') {
    return hasTemplate(value) ? parseTemplate(value).flatMap((part) => (part.kind === 'ref' ? [part.ref] : [])) : []
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listRefs) : []
}

type RefPart = Extract<TemplatePart, { kind: 'ref' }>

function readRef(text: string, offset: number): RefPart {
  const close = text.indexOf('}}', offset)
  const nextOpen = text.indexOf('{{', offset + 2)
  if (close < 0 || (nextOpen >= 0 && nextOpen < close)) {
    throw new TemplateSyntaxError(
      'A template opens with {{ and has no }}.',
      { offset, length: 2 },
      'close it with }}, or write \\{{ for literal braces',
    )
  }
  const span = { offset, length: close + 2 - offset }
  const source = text.slice(offset, close + 2)
  return { kind: 'ref', ref: parseRef(text.slice(offset + 2, close).trim(), source, span), source, ...span }
}

const SCOPES = ['context', 'env', 'secret', 'run', 'flow', 'iter']
/** What stands before the dot, by what other tools write there. */
const OTHER_WORDS: { readonly [word: string]: string } = {
  ctx: 'context',
  var: 'context',
  vars: 'context',
  variable: 'context',
  variables: 'context',
  param: 'context',
  params: 'context',
  parameters: 'context',
  conf: 'context',
  config: 'context',
  settings: 'context',
  environ: 'env',
  environment: 'env',
  vault: 'secret',
  item: 'iter.item',
  loop: 'iter',
}
const RUN_NAMES = ['id', 'date', 'time', 'job'] as const
const FLOW_NAMES = ['name', 'version'] as const
const FORMS =
  'use {{context.name}}, {{env.NAME}}, {{secret.path#field}}, {{node__global}}, {{iter.item}}, {{run.date}} or {{flow.name}}; write \\{{ for literal braces'

function parseRef(inner: string, source: string, span: TextSpan): TemplateRef {
  const fail = (expected: string, hint: string = FORMS): never => {
    throw new TemplateSyntaxError(`The template ${source} is malformed: ${expected}.`, span, hint)
  }
  if (inner === '') return fail('there is nothing between its braces')
  const global = /^([A-Za-z](?:_?[A-Za-z0-9])*)__([\p{L}\p{N}_]+)$/u.exec(inner)
  if (global?.[1] !== undefined && global[2] !== undefined) return { scope: 'global', node: global[1], name: global[2] }
  const dot = inner.indexOf('.')
  if (dot < 0) return fail('it has neither a scope, as in context.name, nor a node and a global, as in node__global')
  const scope = inner.slice(0, dot)
  const rest = inner.slice(dot + 1)
  switch (scope) {
    case 'context':
      return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(rest)
        ? { scope, name: rest }
        : fail('a name of letters, digits, _ and - is expected after "context."')
    case 'env':
      return /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)
        ? { scope, name: rest }
        : fail('the name of an environment variable is expected after "env."')
    case 'secret': {
      const match = /^([^#\s]+)#([^#\s]+)$/.exec(rest)
      return match?.[1] !== undefined && match[2] !== undefined
        ? { scope, path: match[1], field: match[2] }
        : fail(
            '"path#field" is expected after "secret."',
            /^[^#\s]+$/.test(rest) ? `name its field too, as in {{secret.${rest}#password}}` : FORMS,
          )
    }
    case 'run': {
      const name = RUN_NAMES.find((known) => known === rest)
      return name === undefined
        ? fail('one of id, date, time and job is expected after "run."', suggestNearest(rest, RUN_NAMES, FORMS))
        : { scope, name }
    }
    case 'flow': {
      const name = FLOW_NAMES.find((known) => known === rest)
      return name === undefined
        ? fail('name or version is expected after "flow."', suggestNearest(rest, FLOW_NAMES, FORMS))
        : { scope, name }
    }
    case 'iter':
      return parseIter(rest) ?? fail('item, item.field, index or outer.… is expected after "iter."')
    default:
      return fail(`"${scope}" is not a scope`, hintAtScope(scope, rest))
  }
}

/** The whole template with the scope that was meant. */
function hintAtScope(scope: string, rest: string): string {
  const word = scope.toLowerCase()
  if (/^(globals?|nodes?)$/.test(word)) {
    return `a global is named with its node: {{${rest.includes('.') ? rest.replace('.', '__') : `node__${rest}`}}}`
  }
  const meant = OTHER_WORDS[word] ?? nearest(word, SCOPES)
  if (meant === undefined) return FORMS
  return `did you mean {{${meant}.${rest}${meant === 'secret' && !rest.includes('#') ? '#field' : ''}}}?`
}

/** `item`, `item.a.b` and `index`, with any number of `outer.` in front. */
function parseIter(rest: string): TemplateRef | undefined {
  const path = rest.split('.').map((step) => step.trim())
  if (path.includes('')) return undefined
  let level = 0
  while (path[level] === 'outer') level++
  const inside = path.slice(level)
  if (inside[0] !== 'item' && !(inside[0] === 'index' && inside.length === 1)) return undefined
  return { scope: 'iter', level, path: inside }
}
