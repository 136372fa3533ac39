import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

const input = [
  { id: 1, big: '9007199254740993', m: '1.50', day: '2026-01-02', s: 'a "q"', n: null },
  { id: 2, big: '1', m: '2', day: null, s: '', n: null },
]
const columns = { id: 'INTEGER', big: 'BIGINT', m: 'DECIMAL(10,2)', day: 'DATE', s: 'VARCHAR', n: 'VARCHAR' }

test('log_sink writes the first rows into the log and counts all of them', async () => {
  const project = new ModuleProject()
  const many = Array.from({ length: 25 }, (_, id) => ({ id }))
  const { ran, all, few } = await project.runCases({
    all: { module: 'log_sink', inputs: { input: { rows: input, columns } }, message: '{{all__row_count}} rows' },
    few: { module: 'log_sink', configs: { limit: 3, level: 'warn' }, inputs: { input: many }, message: '{{few__row_count}} rows' },
    standard: { module: 'log_sink', inputs: { input: many } },
    nothing: { module: 'log_sink', configs: { limit: 0 }, inputs: { input: many } },
  })
  const lines = (node: string, level = 'info') =>
    ran.log.filter((line) => line.node === node && line.level === level && line.msg.startsWith('{')).map(({ msg }) => JSON.parse(msg))
  expect(lines('all')).toEqual([
    { id: 1, big: '9007199254740993', m: '1.50', day: '2026-01-02', s: 'a "q"', n: null },
    { id: 2, big: 1, m: '2.00', day: null, s: '', n: null },
  ])
  expect(all.message).toBe('2 rows')
  expect(few.message).toBe('25 rows')
  expect(lines('few', 'warn')).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }])
  expect([lines('standard').length, lines('nothing').length]).toEqual([10, 0])
  const line = ran.log.find(({ node, msg }) => node === 'all' && msg.startsWith('{'))
  expect(line).toMatchObject({ level: 'info', run: ran.summary.run, node: 'all' })
})
