import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createUserProject } from './user-project.js'

/** What a module hands to setItems; `nothing`: it never calls it. */
const LISTS = {
  number: '7',
  text: "'abc'",
  map: '({ a: 1 })',
  none: 'null',
  date: '[{ day: new Date(0) }]',
  big: '[1, { deep: [2n] }]',
  nan: '[Number.NaN]',
  hole: '[undefined]',
  circle: '[circle]',
  set: "new Set([{ name: 'a', gone: undefined }, [1.5, null, true]])",
} as const

const GIVE_LIST = `import { defineModule } from 'pypeline/sdk'

const circle: unknown[] = []
circle.push(circle)
const LISTS = { ${Object.entries(LISTS)
  .map(([name, code]) => `${name}: () => ${code}`)
  .join(', ')} }

export default defineModule({
  name: 'give_list',
  type: 'solo',
  version: '1.0.0',
  description: 'Publishes a list that its types do not allow.',
  category: 'Test',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  items: true,
  config: { required: { what: { type: 'str', description: 'Which list.', example: 'number' } }, optional: {} },
  run: async (_, ctx) => {
    if (ctx.config.what !== 'nothing') ctx.setItems(LISTS[ctx.config.what as keyof typeof LISTS]() as never)
  },
})
`

it('the list of a loop is checked: what is none, or would be lost in JSON, is an error that says where', async () => {
  const place = await createUserProject({ 'modules/solo/give_list.ts': GIVE_LIST })
  onTestFinished(() => place.remove())
  const names = [...Object.keys(LISTS), 'nothing']
  const job = await place.build(`settings: { fail_strategy: continue }
modules:
  - { id: begin, name: log, configs: { message: begin } }
${names.map((name) => `  - { id: ${name}, name: give_list, configs: { what: ${name} } }\n  - { id: of_${name}, name: log, configs: { message: "is {{iter.item}}" } }`).join('\n')}
connections:
  data: []
  control: [${names.flatMap((name, i) => [`"begin (${i + 1}|) ${name}"`, `"${name} (1|iterate) of_${name}"`]).join(', ')}]`)
  const { status, errors, folder } = await place.run(job)
  expect(status).toBe('failed')
  const found = Object.fromEntries(errors.map(({ node, code, message, hint, at }) => [node, { code, message, hint, at }]))
  const says = {
    number: 'setItems got the number 7, expected a list.',
    text: 'setItems got a text, expected a list.',
    map: 'setItems got an object, expected a list.',
    none: 'setItems got null, expected a list.',
    date: 'Item 0 of the list has at day a Date, which JSON cannot hold.',
    big: 'Item 1 of the list has at deep[0] the BigInt 2, which JSON cannot hold.',
    nan: 'Item 0 of the list is the number NaN, which JSON cannot hold.',
    hole: 'Item 0 of the list is undefined, which JSON cannot hold.',
    circle: 'Item 0 of the list has a circle or more than 200 levels, which JSON cannot hold.',
    nothing: 'The node nothing gave no list to iterate over.',
  }
  expect(Object.keys(found).sort()).toEqual(Object.keys(says).sort())
  for (const [node, message] of Object.entries(says)) {
    expect(found[node]).toMatchObject({
      code: 'NO_LIST',
      message,
      hint: expect.any(String),
      at: { file: expect.stringMatching(/sample\.yaml$/) },
    })
  }
  const log = readFileSync(path.join(folder, 'log.jsonl'), 'utf8').trimEnd().split('\n')
  const items = log.map((line) => JSON.parse(line)).filter(({ node, event }) => node === 'of_set' && event === 'log')
  expect(items.map(({ msg }) => msg)).toEqual(['is {"name":"a"}', 'is [1.5,null,true]'])
})
