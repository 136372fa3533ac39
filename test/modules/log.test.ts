import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('log writes its message on its level, with values of other nodes', async () => {
  const project = new ModuleProject()
  const { log, summary } = await project.run({
    modules: {
      src: ['inline_source', { rows: [{ a: 1 }, { a: 2 }] }],
      out: ['log_sink', {}],
      info: ['log', { message: 'Loaded {{src__row_count}} rows: 100%, \\{{no template}}' }],
      debug: ['log', { message: 'd', level: 'debug' }],
      warn: ['log', { message: 'w', level: 'warn' }],
      error: ['log', { message: 'e', level: 'error' }],
    },
    data: ['src.data - out.input'],
    control: ['src (1|) info', 'info (1|) debug', 'debug (1|) warn', 'warn (1|) error'],
  })
  expect(summary.status).toBe('completed')
  const written = ['info', 'debug', 'warn', 'error'].map((node) =>
    log.filter((line) => line.node === node).find(({ msg }) => msg === node[0] || msg.startsWith('Loaded')),
  )
  expect(written).toMatchObject([
    { level: 'info', msg: 'Loaded 2 rows: 100%, {{no template}}' },
    { level: 'debug', msg: 'd' },
    { level: 'warn', msg: 'w' },
    { level: 'error', msg: 'e' },
  ])
})
