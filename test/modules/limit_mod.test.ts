import { expect, test } from 'vitest'
import { ModuleProject } from './module-flow.js'

test('limit_mod keeps the first rows behind an offset', async () => {
  const project = new ModuleProject()
  const input = [4, 2, 5, 1, 3].map((id) => ({ id }))
  const limit = (configs: object) => ({
    module: 'sort_mod',
    configs: { by: ['id'] },
    inputs: { input },
    after: [['limit_mod', configs]] as const,
  })
  const found = await project.runCases({
    two: limit({ limit: 2 }),
    offset: limit({ limit: 2, offset: 3 }),
    none: limit({ limit: 0 }),
    beyond: limit({ limit: 10, offset: 4 }),
    behind: limit({ limit: 1, offset: 9 }),
    template: limit({ limit: '{{run.time}}' }),
  })
  expect(found.two.rows).toEqual([{ id: 1 }, { id: 2 }])
  expect(found.offset.rows).toEqual([{ id: 4 }, { id: 5 }])
  expect(found.none.rows).toEqual([])
  expect(found.beyond.rows).toEqual([{ id: 5 }])
  expect(found.behind.rows).toEqual([])
  expect(found.template.rows).toBeUndefined()
})

test('limit_mod refuses a negative limit', async () => {
  const project = new ModuleProject()
  const modules = { src: ['inline_source', { rows: [{ a: 1 }] }], cut: ['limit_mod', { limit: -1 }], out: ['log_sink', {}] } as const
  await expect(project.run({ modules, data: ['src.data - cut.input', 'cut.output - out.input'] })).rejects.toThrow(/limit/)
})
