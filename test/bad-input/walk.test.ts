import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BadFlow } from './bad-flow.js'

/** A sink behind a connection, so that it shows when something ran that must not. */
function flowTo(connection: string, first = '{ id: list, name: inline_source, configs: { rows: [{ n: 1 }] } }', value = '1'): string {
  return `modules:
  - ${first}
  - { id: rows, name: inline_source, configs: { rows: [{ a: "${value}" }] } }
  - { id: write, name: csv_sink, configs: { output_path: "out.csv", mode: append } }
connections: { data: ["rows.data - write.input"], control: [${connection}] }`
}

const SLOW_SETUP = `import { defineModule } from 'pypeline/sdk'

export default defineModule({
  name: 'slow_setup',
  type: 'solo',
  version: '1.0.0',
  description: 'Takes longer to set up than the run may take.',
  category: 'Test',
  inputPorts: [],
  outputPorts: [],
  globals: {},
  packages: [],
  config: { required: {}, optional: {} },
  setup: () => new Promise((resolve) => setTimeout(resolve, 1300)),
  run: async () => {},
})
`

const NUMBER_LIST = SLOW_SETUP.replace("'slow_setup'", "'number_list'")
  .replace('  packages: [],', '  packages: [],\n  items: true,')
  .replace(/ {2}setup: .*\n/, '')
  .replace('async () => {}', 'async (_, ctx) => ctx.setItems(7 as never)')

describe('a run', () => {
  it.each([
    ['is no truth value', '1 + 1', ['gives INTEGER, expected BOOLEAN'], /compare/],
    ['names a column', 'nowhere > 1', ['nowhere'], /no columns.*load__row_count/],
    ['fails on its values', "CAST('x' AS INTEGER) = 1", ["'x'"], /mend the condition/],
  ])('one of whose conditions %s', async (_, condition, says, hint) => {
    const flow = new BadFlow()
    const failure = {
      code: condition.startsWith('CAST') ? 'SQL_FAILED' : 'SQL_INVALID',
      node: 'list',
      says,
      hint,
      at: '"list (1|',
    } as const
    await flow.build(flowTo(`"list (1|${condition}) rows"`))
    await flow.expectRunFails(failure)
  })

  it('one of whose loops names a field that its items lack', async () => {
    const flow = new BadFlow()
    await flow.build(flowTo('"list (1|iterate) rows"', undefined, '{{iter.item.m}}'))
    await flow.expectRunFails({ code: 'TEMPLATE_VALUE', node: 'rows#0', says: ['"m"'], hint: /\{"n":1\}/, at: '"{{iter.item.m}}"' })
  })

  it('one of whose loops gets no list', async () => {
    const flow = new BadFlow({ 'modules/solo/number_list.ts': NUMBER_LIST })
    await flow.pype(['auto-register'])
    await flow.build(flowTo('"list (1|iterate) rows"', '{ id: list, name: number_list }'))
    await flow.expectRunFails({ code: 'NO_LIST', node: 'list', says: ['the number 7'] })
  })

  it('whose timeout is over before its first node has begun', async () => {
    const flow = new BadFlow({ 'modules/solo/slow_setup.ts': SLOW_SETUP })
    await flow.pype(['auto-register'])
    await flow.build(`settings: { timeout: 1 }\n${flowTo('"slow (1|) rows"', '{ id: slow, name: slow_setup }')}`)
    await flow.expectRunFails({ code: 'TIMEOUT', says: ['1 s'], hint: /timeout/ })
  })

  it('without the right to write to its runs folder', async (context) => {
    context.skip(process.getuid?.() !== 0, 'only root can run the command as somebody else')
    const flow = new BadFlow()
    await flow.build(flowTo('"list (1|) rows"'))
    chmodSync(flow.folder, 0o777)
    const start = async (): Promise<void> => {
      const { code, stdout, stderr } = await flow.pype(['run', 'jobs/bad'], { uid: 65534 })
      expect([code, stdout], stderr).toEqual([1, ''])
      expect(stderr).toMatch(/^error FILE_UNWRITABLE {2}.*jobs\/bad\/runs[\s\S]*hint: .*--runs DIR\n$/)
    }
    await start()
    // One that is there, with what an earlier run of somebody else has left.
    mkdirSync(flow.path('jobs/bad/runs'))
    expect((await flow.pype(['run', 'jobs/bad'])).code).toBe(0)
    const before = flow.read('out.csv')
    await start()
    expect(flow.read('out.csv')).toBe(before)
    expect(existsSync(flow.path('jobs/bad/runs/.starting.duckdb'))).toBe(true)
  })
})
