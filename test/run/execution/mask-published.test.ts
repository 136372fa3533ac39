import { afterEach, beforeEach, expect, it } from 'vitest'
import { JobPlace } from '../job/job-fixture.js'

const FLOW = `
modules:
  - { id: login, name: shell, configs: { command: "true", env: { P: "{{secret.db#password}}" } } }
  - { id: g, name: set_global, configs: { values: { used: "London Bridge", unused: London, other: Paris } } }
  - { id: rows, name: inline_source, configs: { rows: [{ place: "{{g__Used}}", other: "{{g__other}}" }] } }
  - { id: file, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["rows.data - file.input"], control: ["login (1|) g", "g (1|) rows"] }
`

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

it('a global in which a secret stands is masked, and a warning where a template uses it', async () => {
  place.write('context.json', '{ "secrets": { "provider": "env" } }')
  const summary = await place.run(await place.build(FLOW), { context: './context.json', env: { SECRET_DB_PASSWORD: 'London' } })
  expect([summary.errors, place.read('out.csv')]).toEqual([[], 'place,other\n*** Bridge,Paris\n'])
  const warnings = place.log(summary).filter(({ level }) => level === 'warn')
  expect(warnings).toMatchObject([
    { node: 'g', msg: expect.stringMatching(/^The global g__used has text that is a secret .* is \*\*\*\.$/) },
  ])
})
