import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JobPlace } from '../job/job-fixture.js'

let place: JobPlace
beforeEach(() => {
  place = new JobPlace()
})
afterEach(() => place.remove())

/** A command that adds a line to a file, so that a test sees how often it ran. */
function act(id: string, line = id): string {
  return `{ id: ${id}, name: shell, configs: { command: "echo ${line} >> acts.txt" } }`
}

/** A command that fails as long as there is no file `ready`. */
function waitFor(id: string): string {
  return `{ id: ${id}, name: shell, configs: { command: "test -f ready" } }`
}

function flow(modules: readonly string[], control: readonly string[], data: readonly string[] = [], settings = '{}'): string {
  const list = (items: readonly string[]) => items.map((item) => `\n    - ${item}`).join('') || ' []'
  return `settings: ${settings}\nmodules:${list(modules)}\nconnections:\n  data:${list(data.map((one) => JSON.stringify(one)))}\n  control:${list(control.map((one) => JSON.stringify(one)))}\n`
}

function acts(): string[] {
  return existsSync(path.join(place.root, 'acts.txt')) ? place.read('acts.txt').trimEnd().split('\n') : []
}

describe('a resume of a failed run', () => {
  it('goes on as the same run, and runs only what has not completed', async () => {
    const job = await place.build(flow([act('a'), waitFor('b'), act('c')], ['a (1|) b', 'b (1|) c']))
    const failed = await place.run(job)
    expect([failed.status, acts()]).toEqual(['failed', ['a']])
    place.write('ready', '')
    const resumed = await place.run(job, { resume: {} })
    expect(resumed).toMatchObject({ status: 'completed', run: failed.run, started: failed.started, sub_flows: { completed: 3 } })
    expect(acts()).toEqual(['a', 'c'])
    expect(resumed.nodes.map(({ node, runs }) => [node, runs])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
  })

  it('has the globals, the rows and the decisions of before', async () => {
    place.write('in.csv', 'n\n1\n2\n')
    const job = await place.build(
      flow(
        [
          '{ id: src, name: csv_source, configs: { file_path: in.csv } }',
          waitFor('stop'),
          '{ id: out, name: csv_sink, configs: { output_path: out.csv } }',
          '{ id: said, name: shell, configs: { command: "echo {{src__row_count}} >> acts.txt" } }',
          act('never'),
        ],
        ['src (1|) stop', 'src (2|) out', 'src (3|{{src__row_count}} = 2) said', 'src (4|{{src__row_count}} = 3) never'],
        ['src.data - out.input'],
        '{ fail_strategy: continue }',
      ),
    )
    expect((await place.run(job)).status).toBe('failed')
    place.write('in.csv', 'n\n1\n2\n3\n')
    place.write('ready', '')
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect([place.read('out.csv'), acts()]).toEqual(['n\n1\n2\n', ['2']])
  })

  it('walks only the passes of a loop again that did not end whole, over the same list', async () => {
    place.write('list.csv', 'i\n0\n1\n2\n')
    const job = await place.build(
      flow(
        [
          '{ id: list, name: csv_source, configs: { file_path: list.csv } }',
          act('first', 'first {{iter.item.i}}'),
          '{ id: check, name: shell, configs: { command: "test {{iter.item.i}} != 1 || test -f ready" } }',
          act('last', 'last {{iter.item.i}}'),
          act('after'),
        ],
        ['list (1|iterate) first', 'first (1|) check', 'check (1|) last', 'list (2|) after'],
      ),
    )
    expect((await place.run(job)).status).toBe('failed')
    expect(acts()).toEqual(['first 0', 'last 0', 'first 1'])
    place.write('list.csv', 'i\n7\n8\n')
    place.write('ready', '')
    const resumed = await place.run(job, { resume: {} })
    expect(resumed).toMatchObject({ status: 'completed', sub_flows: { completed: 11 } })
    expect(acts()).toEqual(['first 0', 'last 0', 'first 1', 'last 1', 'first 2', 'last 2', 'after'])
  })

  it('runs again what was started because of a failure, and what an error connection has started no more', async () => {
    const job = await place.build(
      flow([waitFor('b'), act('caught'), act('behind'), act('always')], ['b (1|error) caught', 'caught (1|) behind', 'b (2|done) always']),
    )
    await place.run(job)
    expect(acts()).toEqual(['caught', 'behind', 'always'])
    await place.run(job, { resume: {} })
    expect(acts().slice(3)).toEqual(['caught', 'behind', 'always'])
    place.write('ready', '')
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(acts().slice(6)).toEqual(['always'])
  })
})
