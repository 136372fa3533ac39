import { expect, it } from 'vitest'
import { ModuleProject } from '../../modules/module-flow.js'

it('is not tried again what gets the same values each time; what reads files is', async () => {
  const { log, summary } = await new ModuleProject({ 'in.csv': 'a\n1\n' }).run({
    modules: {
      begin: ['set_global', { values: { nothing: null } }],
      unset: ['log', { message: '{{env.NOT_SET}}' }],
      typed: ['sleep', { seconds: '{{begin__nothing}}' }],
      stop: ['fail', { message: 'no' }],
      load: ['csv_source', { file_path: 'in.csv' }],
      keep: ['filter_mod', { condition: 'missing > 1' }],
      shown: ['log_sink', {}],
    },
    data: ['load.data - keep.input', 'keep.output - shown.input'],
    control: ['begin (1|) unset', 'begin (2|) typed', 'begin (3|) stop', 'begin (4|) load'],
    settings: { fail_strategy: 'continue', retries: 1, retry_delay: 0 },
  })
  expect(summary.errors.map(({ code }) => code)).toEqual(['TEMPLATE_VALUE', 'CONFIG_TYPE', 'FAILED_BY_FLOW', 'SQL_INVALID'])
  expect(log.filter(({ event }) => event === 'subflow.retried').map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^load failed \(.*missing.*\); attempt 2 follows/s),
  ])
})
