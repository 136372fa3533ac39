import { PypeError } from '../../core/errors.js'
import type { Json, JsonObject } from '../../core/json.js'
import { parseTemplate, type TemplatePart, TemplateSyntaxError } from '../../core/template.js'
import { mapTexts } from '../templating/map-texts.js'

/** The values of a context, as far as they can be known without secrets. */
export interface RenderedContext {
  /** Without the values that hold secrets. */
  readonly values: JsonObject
  /** The values that have templates of secrets or of the environment, with these. */
  readonly written: JsonObject
}

/** A value of a context as it was written. `where` names it, and the file or the option that it comes from. */
export interface WrittenValue {
  readonly name: string
  readonly value: Json
  readonly where: string
}

/**
 * Renders the templates of the environment, and leaves the values that hold secrets for those places that may see them. Throws CONTEXT_MISSING
 * that names all variables which are not set, and CONTEXT_INVALID.
 */
export function renderContext(written: readonly WrittenValue[], env: { readonly [name: string]: string | undefined }): RenderedContext {
  const values = new Map<string, Json>()
  const kept = new Map<string, Json>()
  const missing: MissingVariable[] = []
  for (const { name, value, where } of written) {
    let hasRef = false
    let hasSecret = false
    const rendered = mapTexts(value, (text) =>
      parseValue(text, where)
        .map((part) => {
          if (part.kind === 'text') return part.text
          hasRef = true
          hasSecret ||= part.ref.scope === 'secret'
          if (part.ref.scope === 'secret') return ''
          const variable = nameVariable(part, where)
          const found = Object.hasOwn(env, variable) ? env[variable] : undefined
          if (found === undefined) missing.push({ variable, where })
          return found ?? ''
        })
        .join(''),
    )
    if (hasRef) kept.set(name, value)
    if (!hasSecret) values.set(name, rendered)
  }
  refuseMissing(missing)
  return { values: Object.fromEntries(values), written: Object.fromEntries(kept) }
}

const HINT = 'only {{env.NAME}} and {{secret.path#field}} can stand in a context value; write \\{{ for literal braces'

function parseValue(value: string, where: string): TemplatePart[] {
  try {
    return parseTemplate(value)
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error
    throw new PypeError('CONTEXT_INVALID', `${where}: ${error.message}`, { hint: HINT, cause: error })
  }
}

function nameVariable({ ref, source }: Extract<TemplatePart, { kind: 'ref' }>, where: string): string {
  if (ref.scope === 'env') return ref.name
  throw new PypeError('CONTEXT_INVALID', `${where} has ${source}, which cannot stand there.`, { hint: HINT })
}

interface MissingVariable {
  readonly variable: string
  /** What needs it. */
  readonly where: string
}

function refuseMissing(missing: readonly MissingVariable[]): void {
  const [first] = missing
  if (first === undefined) return
  const variables = [...new Set(missing.map(({ variable }) => variable))]
  const lines = new Set(missing.map(({ variable, where }) => `  ${where} needs ${variable}.`))
  const message =
    lines.size === 1
      ? `${first.where} needs the environment variable ${first.variable}, which is not set.`
      : ['Variables of the environment that the context needs are not set:', ...lines].join('\n')
  throw new PypeError('CONTEXT_MISSING', message, {
    hint: `set ${variables.length === 1 ? 'it' : 'them'}: export ${variables.map((variable) => `${variable}=…`).join(' ')}`,
  })
}
