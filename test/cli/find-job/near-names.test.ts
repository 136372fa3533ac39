import { expect, test } from 'vitest'
import { createProject } from '../pype-project.js'

const FLOW = `flow: { name: orders, version: 1.0.0, authors: ["me"], created: "2025-01-15" }
modules: [{ id: rows, name: inline_source, configs: { rows: [{ id: 1 }] } }, { id: out, name: csv_sink, configs: { output_path: out.csv } }]
connections: { data: [rows.data - out.input], control: [] }
`

test('every command that takes a flow, a job or a run says what may have been meant by a name that is nearly one', async () => {
  const project = createProject({
    'flows/orders.yaml': FLOW,
    'flows/new.yaml': FLOW.replace('orders', 'new'),
    'data/orders.csv': 'id\n1\n',
  })
  expect((await project.pype(['run', 'flows/orders.yaml', '--quiet'])).code).toBe(0)
  const calls: readonly (readonly [call: string, hint: string])[] = [
    ['test orderz.yaml', 'did you mean "flows/orders.yaml"?'],
    ['test flowz', 'did you mean "flows"?'],
    ['test nothing.yaml', 'check the path; `pype test` alone runs all test files below this folder'],
    ['run flow/orders.yaml', 'did you mean "flows/orders.yaml"?'],
    ['run jobz/orders', 'did you mean "jobs/orders"?'],
    ['run order.yaml --watch', 'did you mean "flows/orders.yaml"?'],
    ['graph ordres', 'did you mean "orders"?'],
    ['runs ordrs', 'did you mean "orders"?'],
    ['runs flows/new.yaml', 'it has not run here: pype run flows/new.yaml'],
    ['show jobs/ordrs/runs/last', '`pype runs` lists them'],
    ['doctor new', 'there is a flow of this name, which is not built: pype build flows/new.yaml'],
    ['new flow x --from data/order.csv', 'did you mean "data/orders.csv"?'],
  ]
  const said = await Promise.all(calls.map(([call]) => project.pype(call.split(' '))))
  expect(said.map(({ code }) => code)).toEqual(calls.map(() => 2))
  expect(said.map(({ stderr }, i) => [calls[i]?.[0], stderr])).toEqual(calls.map(([call, hint]) => [call, expect.stringContaining(hint)]))
})
