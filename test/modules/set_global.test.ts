import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('set_global publishes values that keep their types', async () => {
  const project = new ModuleProject()
  const values = { limit: 2, share: 0.5, name: "it's", flag: true, nothing: null, list: [1, 2], day: '{{run.date}}' }
  const { log, summary } = await project.run({
    modules: {
      setup: ['set_global', { values }],
      src: ['inline_source', { rows: [{ id: 1 }, { id: 2 }, { id: 3 }] }],
      cut: ['limit_mod', { limit: '{{setup__limit}}' }],
      use: [
        'derive_mod',
        {
          columns: {
            twice: '{{setup__limit}} * 2',
            name: '{{setup__name}}',
            quoted: "'<{{setup__name}}>'",
            none: '{{setup__nothing}} IS NULL',
            flag: '{{setup__flag}}',
            kind: 'typeof({{setup__share}})',
            day: '{{setup__day}} = {{run.date}}',
          },
        },
      ],
      out: ['json_sink', { output_path: 'out.jsonl' }],
      said: ['log', { message: '{{SETUP__LIMIT}} {{setup__name}} {{setup__flag}} {{setup__list}}' }],
      never: ['log', { message: 'never' }],
    },
    data: ['src.data - cut.input', 'cut.output - use.input', 'use.output - out.input'],
    control: ['setup (1|) src', 'setup (2|{{setup__flag}} AND {{setup__limit}} = 2) said', 'setup (3|{{setup__nothing}} > 1) never'],
  })
  expect(summary.errors).toEqual([])
  expect(project.lines('out.jsonl')).toMatchObject([
    { id: 1, twice: 4, name: "it's", quoted: "<it's>", none: true, flag: true, day: true },
    { id: 2, twice: 4 },
  ])
  expect(log.find(({ node, level, msg }) => node === 'said' && level === 'info' && msg.startsWith('2'))?.msg).toBe("2 it's true [1,2]")
  expect(log.some(({ msg }) => msg === 'never')).toBe(false)
})

test('a global that set_global does not have is an error of the build', async () => {
  const project = new ModuleProject()
  const flow = {
    modules: { setup: ['set_global', { values: { limit: 2 } }], said: ['log', { message: '{{setup__limt}}' }] },
    control: ['setup (1|) said'],
  } as const
  await expect(project.run(flow)).rejects.toThrow(/UNKNOWN_GLOBAL .*no global "limt"/)
})
