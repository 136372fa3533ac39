import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const FILE = fileURLToPath(new URL('../../src/core/events.ts', import.meta.url))

interface EventType {
  readonly name: string
  readonly meaning: string
  readonly fields: readonly { readonly name: string; readonly type: string }[]
}

/** `npm run docs` writes the page anew: it runs this test with --update. */
test('docs/events.md lists every event with its meaning and its fields', async () => {
  const events = readEvents()
  expect(events.filter(({ meaning }) => meaning === '').map(({ name }) => name)).toEqual([])
  await expect(formatEvents(events)).toMatchFileSnapshot('../../docs/events.md')
})

/** The members of the type RunEvent, as the compiler sees them. */
function readEvents(): EventType[] {
  const program = ts.createProgram([FILE], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext })
  const source = program.getSourceFile(FILE)
  const union = source?.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === 'RunEvent')
  if (source === undefined || union === undefined || !ts.isTypeAliasDeclaration(union) || !ts.isUnionTypeNode(union.type))
    throw new Error(`${FILE} has no union RunEvent`)
  const checker = program.getTypeChecker()
  return union.type.types.map((member, i, members) => {
    const properties = checker.getTypeFromTypeNode(member).getProperties()
    const typeOf = (property: ts.Symbol) =>
      checker.typeToString(checker.getTypeOfSymbol(property), undefined, ts.TypeFormatFlags.NoTruncation)
    const before = source.text.slice(members[i - 1]?.end ?? union.type.pos, member.getStart(source))
    const [tag] = properties.filter(({ name }) => name === 'type')
    return {
      name: tag === undefined ? '' : typeOf(tag).replaceAll('"', ''),
      meaning: (/\/\*\*([\s\S]*?)\*\//.exec(before)?.[1] ?? '').replaceAll(/\s*\n\s*\*\s*/g, ' ').trim(),
      fields: properties
        .filter((property) => property !== tag)
        .map((property) => ({
          name: `${property.name}${(property.flags & ts.SymbolFlags.Optional) === 0 ? '' : '?'}`,
          type: typeOf(property).replace(' | undefined', ''),
        })),
    }
  })
}

function formatEvents(events: readonly EventType[]): string {
  const rows = events.map(({ name, meaning, fields }) => {
    const listed = fields.map((field) => `\`${field.name}\` ${escapeBars(field.type)}`).join(', ')
    return `| \`${name}\` | ${escapeBars(meaning)} | ${listed} |`
  })
  return `# Events

Everything that happens in a run is an event. \`log.jsonl\` in the folder of the run has one JSON object a line: \`time\`, \`level\`, \`run\`, \`event\`, the event's fields, and \`msg\`,
the same for people. Fields with \`?\` may be missing; null is what nothing has counted. New events and fields may come with each version; a program should pass over those that it does not know.
This page is written by \`npm run docs\`.

| event | when | fields |
|---|---|---|
${rows.join('\n')}
`
}

function escapeBars(text: string): string {
  return text.replaceAll('|', '\\|')
}
