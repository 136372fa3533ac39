import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasTemplate, listRefs, parseTemplate, TemplateSyntaxError } from '../../src/core/template.js'

test('a text without braces is one piece of text', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      fc.pre(!text.includes('{{'))
      expect(parseTemplate(text)).toEqual([{ kind: 'text', text }])
    }),
  )
})

test.each([
  ['{{context.in_dir}}', { scope: 'context', name: 'in_dir' }],
  ['{{ env.HOME }}', { scope: 'env', name: 'HOME' }],
  ['{{secret.db/main#password}}', { scope: 'secret', path: 'db/main', field: 'password' }],
  ['{{run.date}}', { scope: 'run', name: 'date' }],
  ['{{flow.version}}', { scope: 'flow', name: 'version' }],
  ['{{iter.item}}', { scope: 'iter', level: 0, path: ['item'] }],
  ['{{iter.outer.outer.item.path}}', { scope: 'iter', level: 2, path: ['item', 'path'] }],
  ['{{iter.outer.index}}', { scope: 'iter', level: 1, path: ['index'] }],
  ['{{load_a__row_count}}', { scope: 'global', node: 'load_a', name: 'row_count' }],
  ['{{child__load__row_count}}', { scope: 'global', node: 'child', name: 'load__row_count' }],
])('%s is read', (text, ref) => {
  expect(parseTemplate(`a ${text} b`)).toEqual([
    { kind: 'text', text: 'a ' },
    { kind: 'ref', ref, source: text, offset: 2, length: text.length },
    { kind: 'text', text: ' b' },
  ])
})

test.each([
  ['\\{{literal}}', false, ['{{literal}}']],
  ['{{{context.a}}}', true, ['{', '{{context.a}}', '}']],
  ['\\{{{context.a}}', false, ['{{{context.a}}']],
  ['\\{{{{context.a}}', true, ['{{', '{{context.a}}']],
])('%s has a template: %s; escaped braces stay as text', (text, has, pieces) => {
  expect(hasTemplate(text)).toBe(has)
  expect(parseTemplate(text).map((part) => (part.kind === 'text' ? part.text : part.source))).toEqual(pieces)
})

test.each([
  '{{',
  'a {{context.a',
  '{{}}',
  '{{context}}',
  '{{context.}}',
  '{{contxt.a}}',
  '{{secret.a}}',
  '{{run.dat}}',
  '{{iter.foo}}',
  '{{iter.index.a}}',
  '{{a_}}',
  '{{context.a {{env.B}}',
])('%s is malformed', (text) => {
  expect(hasTemplate(text)).toBe(true)
  expect(() => parseTemplate(text)).toThrow(TemplateSyntaxError)
})

test.each([
  ['{{ctx.a}}', 'did you mean {{context.a}}?'],
  ['{{contxt.a}}', 'did you mean {{context.a}}?'],
  ['{{Vars.a}}', 'did you mean {{context.a}}?'],
  ['{{secrets.db#password}}', 'did you mean {{secret.db#password}}?'],
  ['{{secrets.db}}', 'did you mean {{secret.db#field}}?'],
  ['{{secret.db}}', 'name its field too, as in {{secret.db#password}}'],
  ['{{environment.HOME}}', 'did you mean {{env.HOME}}?'],
  ['{{item.path}}', 'did you mean {{iter.item.path}}?'],
  ['{{global.rows}}', 'a global is named with its node: {{node__rows}}'],
  ['{{globals.load.rows}}', 'a global is named with its node: {{load__rows}}'],
])('%s is met with what was meant', (text, hint) => {
  expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ hint }))
})

test('the templates of a value are listed in their order, wherever they stand', () => {
  const value = { a: ['{{context.x}} and {{load__rows}}', 1, null], b: { c: '{{secret.db#password}}', d: '\\{{context.no}}' } }
  expect(listRefs(value)).toEqual([
    { scope: 'context', name: 'x' },
    { scope: 'global', node: 'load', name: 'rows' },
    { scope: 'secret', path: 'db', field: 'password' },
  ])
})
