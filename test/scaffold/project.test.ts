import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { buildFlow, validateFlow } from '../../src/build/build.js'
import { formatFlowFile } from '../../src/build/format/format-flow.js'
import { scanModules } from '../../src/registry/project-modules.js'
import { readRegistry } from '../../src/registry/registry-file.js'
import { runJob } from '../../src/run/run.js'
import { makeProject } from '../../src/scaffold/project.js'
import { createProject } from '../cli/pype-project.js'

const PLAN = { author: 'Zoë "Z" O\'Neil', today: '2026-01-31' }

it('a project has a flow that validates, is laid out, builds and runs, and a module that is registered', async () => {
  const { folder, read, pype } = createProject()
  const shop = path.join(folder, 'mein laden ü')
  const { made, kept } = await makeProject({ folder: shop, ...PLAN })
  expect(kept).toEqual([])
  for (const { path: file } of made) expect(existsSync(path.join(shop, file)), file).toBe(true)
  const flow = path.join(shop, 'flows/orders.yaml')
  const { diagnostics, flow: loaded } = await validateFlow(flow, { columns: { cwd: shop } })
  expect({ diagnostics, authors: loaded.authors, created: loaded.created }).toEqual({
    diagnostics: [],
    authors: [PLAN.author],
    created: PLAN.today,
  })
  const { before, after } = await formatFlowFile(flow)
  expect(after).toBe(before)
  const file = path.join(shop, 'ModRegistry.json')
  expect(await readRegistry(file)).toEqual(await scanModules({ folder: shop, file, builtIn: false }))
  const { job } = await buildFlow(flow, { out: path.join(shop, 'jobs') })
  expect(await runJob(job, { cwd: shop, env: {} })).toMatchObject({ status: 'completed' })
  expect(read('mein laden ü/out/orders_by_city.csv')).toBe(
    'city,orders,customers,amount\nNew York,2,1,385.00\nLondon,2,2,360.50\nRotterdam,1,1,60.25\n',
  )
  const tested = await pype(['test'], { cwd: 'mein laden ü' })
  expect(tested, tested.stdout + tested.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('2 cases: 2 passed') })
})

it('nothing is overwritten: of what is there, a .gitignore and a README.md stay, and anything else is in the way', async () => {
  const { folder, read, write } = createProject({ '.gitignore': 'mine', 'README.md': '# Mine' })
  expect(await makeProject({ folder, ...PLAN })).toMatchObject({ kept: ['.gitignore', 'README.md'] })
  expect([read('.gitignore'), read('README.md')]).toEqual(['mine', '# Mine'])
  write('flows/orders.yaml', 'mine')
  await expect(makeProject({ folder, ...PLAN })).rejects.toMatchObject({
    code: 'FILE_EXISTS',
    message: expect.stringMatching(/^6 files are there already: .*orders\.yaml, .*nothing was made\.$/),
  })
  expect(read('flows/orders.yaml')).toBe('mine')
})

it('a file in the place of the folder is told as that', async () => {
  const { folder, read } = createProject({ shop: 'a file' })
  await expect(makeProject({ folder: path.join(folder, 'shop'), ...PLAN })).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    hint: 'a part of the path is a file, and no folder',
  })
  expect(read('shop')).toBe('a file')
})

it('a project that cannot be made whole leaves nothing behind', async () => {
  const { folder } = createProject({ 'shop/modules': 'a file, and no folder' })
  const shop = path.join(folder, 'shop')
  await expect(makeProject({ folder: shop, ...PLAN })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  expect(['flows', 'data', 'ModRegistry.json'].filter((name) => existsSync(path.join(shop, name)))).toEqual([])
})
