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

/** Renders the templates of the environment, and leaves the values that hold secrets for those places that may see them. */
export function renderContext(written: readonly WrittenValue[], env: { readonly [name: string]: string | undefined }): RenderedContext {
  const values = new Map<string, Json>()
  const kept = new Map<string, Json>()
  for (const { name, value, where } of written) {
    let hasRef = false
    let hasSecret = false
    const rendered = mapTexts(value, (text) =>
      parseValue(text, where)
        .map((part) => {
          if (part.kind === 'text') return part.text
          hasRef = true
          hasSecret ||= part.ref.scope === 'secret'
          return part.ref.scope === 'secret' ? '' : findEnv(part, where, env)
        })
        .join(''),
    )
    if (hasRef) kept.set(name, value)
    if (!hasSecret) values.set(name, rendered)
  }
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

function findEnv(
  { ref, source }: Extract<TemplatePart, { kind: 'ref' }>,
  where: string,
  env: { readonly [name: string]: string | undefined },
): string {
  if (ref.scope !== 'env') {
    throw new PypeError('CONTEXT_INVALID', `${where} has ${source}, which cannot stand there.`, { hint: HINT })
  }
  const found = Object.hasOwn(env, ref.name) ? env[ref.name] : undefined
  if (found !== undefined) return found
  throw new PypeError('CONTEXT_MISSING', `${where} needs the environment variable ${ref.name}, which is not set.`, {
    hint: `set it: export ${ref.name}=…`,
  })
}
