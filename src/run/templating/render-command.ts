import { PypeError } from '../../core/errors.js'
import { ShellLexer } from '../../core/shell-lexer.js'
import { parseTemplate } from '../../core/template.js'
import type { ShellText } from '../../sdk/shell-text.js'
import type { Lookup } from './lookup.js'
import { renderPart } from './render.js'

/**
 * A text for `sh` with a reference to a variable in the place of each template: whatever a value holds, the shell takes
 * it as it is, and as one word. Throws TEMPLATE_IN_COMMAND where a shell would not, and TEMPLATE_VALUE.
 */
export function renderCommand(text: string, lookup: Lookup): ShellText {
  const lexer = new ShellLexer()
  const names = new Map<string, string>()
  const variables: { [name: string]: string } = {}
  let rendered = ''
  for (const part of parseTemplate(text)) {
    if (part.kind === 'text') {
      lexer.read(part.text)
      rendered += part.text
      continue
    }
    const { place } = lexer
    if (place.kind === 'refused') throw refuseTemplate(part.source, place)
    // Nothing that stands in a comment is needed.
    if (place.kind === 'comment') continue
    const name = names.get(part.source) ?? nameVariable(names.size, text)
    if (!names.has(part.source)) variables[name] = checkValue(renderPart(part, lookup), part.source)
    names.set(part.source, name)
    const reference = `\${${name}}`
    rendered += place.kind === 'quoted' ? reference : `"${reference}"`
    lexer.skipValue()
  }
  return { text: rendered, variables }
}

/** A name that the text itself does not use. */
function nameVariable(taken: number, text: string): string {
  let prefix = 'PYPE_VALUE_'
  while (text.includes(prefix)) prefix += '_'
  return `${prefix}${taken + 1}`
}

function checkValue(value: string, source: string): string {
  if (!value.includes('\0')) return value
  throw new PypeError('TEMPLATE_VALUE', `The value of ${source} has a NUL character, which no command can take.`, {
    hint: 'take it out of the value',
  })
}

function refuseTemplate(source: string, { where, hint }: { readonly where: string; readonly hint: string }): PypeError {
  return new PypeError('TEMPLATE_IN_COMMAND', `${source} stands ${where}.`, { hint })
}
