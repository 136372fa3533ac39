/** The text of a small sound module file, with parts of it replaced. */
export function moduleFile(
  name: string,
  parts: { readonly head?: string; readonly description?: string; readonly more?: string } = {},
): string {
  const { head = '', description = 'Passes rows on.', more = '' } = parts
  return `import { defineModule, sql } from 'pypeline/sdk'
${head}
export default defineModule({
  name: '${name}',
  type: 'mod',
  version: '1.0.0',
  description: ${description.startsWith('`') ? description : `'${description}'`},
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: { required: { column: { type: 'column', description: 'A column.', example: 'name' } }, optional: {} },
  ${more}
  query: ({ inputs }) => ({ output: sql\`SELECT * FROM \${inputs.input}\` }),
})
`
}
