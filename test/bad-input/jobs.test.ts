import { rmSync } from 'node:fs'
import { describe, it } from 'vitest'
import { editDag } from '../run/job/edit-dag.js'
import { BadFlow, csvFlow } from './bad-flow.js'

const DAG = 'jobs/bad/bad_dag.json'
const METADATA = 'jobs/bad/bad_execution_metadata.json'

const USER_MODULE = `import { defineModule, sql } from 'pypeline/sdk'

export default defineModule({
  name: 'own_mod',
  type: 'mod',
  version: '1.0.0',
  description: 'Passes rows on.',
  category: 'Rows',
  inputPorts: ['input'],
  outputPorts: ['output'],
  globals: {},
  packages: [],
  config: { required: {}, optional: {} },
  query: ({ inputs }) => ({ output: sql\`SELECT * FROM \${inputs.input}\` }),
})
`

async function builtFlow(): Promise<BadFlow> {
  const flow = new BadFlow({ 'in.csv': 'a\n1\n', 'out.csv': 'older\n' })
  await flow.build(csvFlow('file_path: in.csv'))
  return flow
}

/** A job of a project with a module of its own. */
async function builtProject(): Promise<BadFlow> {
  const flow = new BadFlow({ 'in.csv': 'a\n1\n', 'out.csv': 'older\n', 'modules/mods/own_mod.ts': USER_MODULE })
  await flow.pype(['auto-register'])
  const body = csvFlow('file_path: in.csv', 'out.csv', '  - { id: own, name: own_mod }\n')
  await flow.build(body.replace('["read.data - write.input"]', '["read.data - own.input", "own.output - write.input"]'))
  return flow
}

describe('a run of a job folder', () => {
  it('whose dag is not whole JSON', async () => {
    const flow = await builtFlow()
    flow.write(DAG, flow.read(DAG).slice(0, -20))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_dag.json', 'not whole JSON'], hint: /pype build/ })
  })

  it('whose execution metadata are empty', async () => {
    const flow = await builtFlow()
    flow.write(METADATA, '')
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_execution_metadata.json'], hint: /pype build/ })
  })

  it('whose dag has another shape', async () => {
    const flow = await builtFlow()
    const dag = JSON.parse(flow.read(DAG))
    flow.write(DAG, JSON.stringify({ ...dag, nodes: 'none' }))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_dag.json', '/nodes'], hint: /pype build/ })
  })

  it.each([
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['an empty object', '{}'],
  ])('whose dag is %s', async (_, text) => {
    const flow = await builtFlow()
    flow.write(DAG, text)
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_dag.json'], hint: /pype build/ })
  })

  it('whose dag names a node that is not there', async () => {
    const flow = await builtFlow()
    editDag(flow.path('jobs/bad'), (dag) => dag.replaceAll('"from": "read"', '"from": "ghost"'))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_dag.json', 'ghost'], hint: /pype build/ })
  })

  it('whose dag was edited', async () => {
    const flow = await builtFlow()
    flow.write(DAG, flow.read(DAG).replace('in.csv', 'other.csv'))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['bad_dag.json', 'not of one build'], hint: /pype build/ })
  })

  it('whose sub flow has a node that is not there', async () => {
    const flow = await builtFlow()
    const metadata = JSON.parse(flow.read(METADATA))
    for (const subFlow of Object.values<{ nodes: string[]; waves: string[][] }>(metadata.sub_flows)) {
      subFlow.nodes.push('ghost')
      subFlow.waves[0]?.push('ghost')
    }
    flow.write(METADATA, JSON.stringify(metadata))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['other nodes'], hint: /pype build/ })
  })

  it('that was built for another version', async () => {
    const flow = await builtFlow()
    const dag = JSON.parse(flow.read(DAG))
    flow.write(DAG, JSON.stringify({ ...dag, schema_version: 999 }))
    await flow.expectRunFails({ code: 'JOB_VERSION', exit: 2, says: ['bad_dag.json', '999'], hint: /pype build/ })
  })

  it('that has no dag', async () => {
    const flow = await builtFlow()
    rmSync(flow.path(DAG))
    await flow.expectRunFails({ code: 'JOB_INVALID', exit: 2, says: ['jobs/bad', 'dag.json'], hint: /pype build/ })
  })

  it('that is not there', async () => {
    const flow = await builtFlow()
    rmSync(flow.path('jobs/bad'), { recursive: true })
    await flow.expectRunFails({ code: 'FILE_NOT_FOUND', exit: 2, says: ['jobs/bad'], hint: /pype build/ })
  })

  it('one of whose modules is gone', async () => {
    const flow = await builtProject()
    rmSync(flow.path('modules/mods/own_mod.ts'))
    await flow.expectRunFails({ code: 'MODULE_GONE', exit: 2, node: 'own', says: ['own_mod'], hint: /\S/ })
  })

  it('one of whose modules has changed', async () => {
    const flow = await builtProject()
    flow.write('modules/mods/own_mod.ts', USER_MODULE.replace('SELECT *', 'SELECT DISTINCT *'))
    await flow.expectRunFails({ code: 'MODULE_CHANGED', exit: 2, node: 'own', says: ['own_mod'], hint: /build the flow again/ })
  })

  it('one of whose modules is no code any more', async () => {
    const flow = await builtProject()
    const dag = JSON.parse(flow.read(DAG))
    flow.write('modules/mods/own_mod.ts', 'export default {')
    dag.nodes.find((node: { id: string }) => node.id === 'own').source_hash = null
    await flow.expectRunFails({ code: 'MODULE_CHANGED', exit: 2, says: ['own_mod'], hint: /\S/ })
  })
})
