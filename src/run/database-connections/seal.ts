import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import { parseTemplate, type TemplatePart } from '../../core/template.js'
import type { Lookup } from '../templating/lookup.js'
import { escapeBraces, mapTexts } from '../templating/map-texts.js'
import { findValue, renderPart } from '../templating/render.js'

/*
 * A connection is rendered in two steps. Sealed, it holds everything but secrets and values of the environment, whose templates still
 * stand in it: so it can be written down, and be opened later where nothing but those is known.
 *
 * In a URL a value that stands behind `://` is percent-encoded, so that none can break out of its place: passwords have @ and / in them.
 */

type RefPart = Extract<TemplatePart, { kind: 'ref' }>

/** Renders a value but for the templates of secrets and of the environment. Throws TEMPLATE_VALUE. */
export function seal(written: Json, lookup: Lookup): Json {
  return mapTexts(written, (text) => sealText(text, lookup))
}

/** Renders what a sealed value still has to be rendered. */
export function unseal(sealed: Json, lookup: Lookup): Json {
  return mapTexts(sealed, (text) => {
    const parts = parseTemplate(text)
    const [first, ...more] = parts
    if (first?.kind === 'ref' && more.length === 0) return toText(first, lookup)
    let rendered = ''
    for (const part of parts) rendered += part.kind === 'text' ? part.text : encodeIn(rendered, toText(part, lookup))
    return rendered
  })
}

function sealText(text: string, lookup: Lookup): Json {
  const parts = parseTemplate(text)
  const [first, ...more] = parts
  if (first?.kind === 'ref' && more.length === 0) return sealAlone(first, lookup)
  let sealed = ''
  for (const part of parts) {
    if (part.kind === 'text') sealed += escapeBraces(part.text)
    else for (const piece of toPieces(part, lookup)) sealed = append(sealed, piece)
  }
  return sealed
}

function sealAlone(part: RefPart, lookup: Lookup): Json {
  if (isKept(part)) return part.source
  const found = findValue(part, lookup)
  if (found.kind === 'sealed') return found.written
  if (found.kind !== 'json') return escapeBraces(renderPart(part, lookup))
  return found.written ?? mapTexts(found.value, escapeBraces)
}

/** What a template inside a longer text stands for: texts, and templates that stay. */
function toPieces(part: RefPart, lookup: Lookup): readonly TemplatePart[] {
  if (isKept(part)) return [part]
  const found = findValue(part, lookup)
  const written = found.kind === 'sealed' || found.kind === 'json' ? found.written : undefined
  if (written === undefined) return [{ kind: 'text', text: renderPart(part, lookup) }]
  if (typeof written === 'string') return parseTemplate(written)
  throw new PypeError('TEMPLATE_VALUE', `The value of ${part.source} is no text, and stands in the middle of one.`, {
    hint: 'let the template stand alone, or write the whole URL in the context',
  })
}

function append(sealed: string, piece: TemplatePart): string {
  if (piece.kind === 'text') return sealed + escapeBraces(encodeIn(sealed, piece.text))
  if (!sealed.endsWith('\\')) return sealed + piece.source
  throw new PypeError('TEMPLATE_VALUE', `A backslash stands right before ${piece.source}, where it would take the template away.`, {
    hint: 'make the backslash a part of the value',
  })
}

/** A value as it can stand behind `before`. */
function encodeIn(before: string, value: string): string {
  return before.includes('://') ? encodeURIComponent(value) : value
}

function toText(part: RefPart, lookup: Lookup): string {
  const found = findValue(part, lookup)
  return found.kind === 'secret' ? found.value : renderPart(part, lookup)
}

function isKept({ ref }: RefPart): boolean {
  return ref.scope === 'secret' || ref.scope === 'env'
}
