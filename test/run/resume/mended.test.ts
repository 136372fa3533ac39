import { rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../src/core/events.js'
import type { RunOptions } from '../../../src/run/run-options.js'
import { act, flow, ResumePlace, waitFor } from './resume-place.js'

/** Listens for what a resume says before it starts. */
function listening(): { readonly said: string[]; readonly options: Partial<RunOptions> } {
  const said: string[] = []
  const hear = (event: RunEvent) => {
    if (event.type === 'log' && event.level === 'warn') said.push(event.message)
  }
  return { said, options: { listeners: [{ name: 'said', hear }] } }
}

const ADDS = [
  '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
  '{ id: add, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
]

describe('a job that was mended and built again', () => {
  it('runs again what was changed and what comes after it, says so, and nothing else', async () => {
    const place = new ResumePlace()
    const control = ['a (1|) b', 'b (1|) c', 'a (2|) d', 'd (1|) stop']
    const modules = (b: string) => [act('a'), act('b', b), act('c'), act('d'), waitFor('stop')]
    await place.run(await place.build(flow(modules('b'), control)))
    expect(place.acts()).toEqual(['a', 'b', 'c', 'd'])
    place.ready()
    const job = await place.build(flow(modules('mended'), control))
    const { said, options } = listening()
    expect((await place.run(job, { resume: {}, ...options })).status).toBe('completed')
    expect(place.acts().slice(4)).toEqual(['mended', 'c'])
    expect(said).toEqual(['Runs again although it has completed: b (changed), c (after b).'])
  })

  it('is not changed by comments, misc, places and resource settings', async () => {
    const place = new ResumePlace()
    const parts = [[act('a'), waitFor('b')], ['a (1|) b']] as const
    await place.run(await place.build(flow(...parts)))
    place.ready()
    const body = flow(...parts, [], { threads: 3 }).replace('id: a,', 'id: a, misc: { x: 1 },')
    await place.run(await place.build(`# a comment\n${body}`), { resume: {} })
    expect(place.acts()).toEqual(['a'])
  })

  it('counts the globals that a sub flow takes as what it comes after', async () => {
    const place = new ResumePlace()
    const control = ['start (1|) facts', 'start (2|) says', 'start (3|{{facts__n}} > 1) decided', 'start (4|) stop']
    const modules = (n: number) => [
      act('start'),
      `{ id: facts, name: set_global, configs: { values: { n: ${n} } } }`,
      act('says', 'n is {{facts__n}}'),
      act('decided'),
      waitFor('stop'),
    ]
    await place.run(await place.build(flow(modules(1), control)))
    place.ready()
    const job = await place.build(flow(modules(2), control))
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts()).toEqual(['start', 'n is 1', 'n is 2', 'decided'])
  })

  it('settles a connection anew whose condition was changed, and keeps the other decisions', async () => {
    const place = new ResumePlace()
    const control = (limit: number) => [
      'src (1|{{src__row_count}} > 5) many',
      `src (2|{{src__row_count}} > ${limit}) some`,
      'src (3|{{src__row_count}} < 5) few',
      'src (4|) stop',
    ]
    const modules = (rows: string) => [
      `{ id: src, name: csv_source, configs: { file_path: in.csv } }`,
      `{ id: out, name: log_sink }`,
      act('many'),
      act('some'),
      act('few', rows),
      waitFor('stop'),
    ]
    place.write('in.csv', 'n\n1\n2\n')
    await place.run(await place.build(flow(modules('few'), control(3), ['src.data - out.input'])))
    expect(place.acts()).toEqual(['few'])
    place.write('in.csv', 'n\n1\n2\n3\n4\n5\n6\n7\n')
    place.ready()
    const job = await place.build(flow(modules('few'), control(1), ['src.data - out.input']))
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts()).toEqual(['few', 'some'])
  })

  it('walks every pass of a loop again for a changed or a new sub flow in it, and runs nothing else there', async () => {
    const place = new ResumePlace()
    place.write('in/0', '')
    place.write('in/1', '')
    const list = '{ id: list, name: list_files, configs: { path: in } }'
    const control = ['list (1|iterate) a', 'a (1|) b', 'list (2|) stop']
    const first = flow([list, act('a', 'a{{iter.item.name}}'), act('b', 'b{{iter.item.name}}'), waitFor('stop')], control)
    await place.run(await place.build(first))
    expect(place.acts()).toEqual(['a0', 'b0', 'a1', 'b1'])
    const modules = [
      list,
      act('a', 'a{{iter.item.name}}'),
      act('b', 'B{{iter.item.name}}'),
      act('c', 'c{{iter.item.name}}'),
      waitFor('stop'),
    ]
    const job = await place.build(flow(modules, [...control, 'b (1|) c']))
    place.write('in/2', '')
    expect((await place.run(job, { resume: {} })).status).toBe('failed')
    expect(place.acts().slice(4)).toEqual(['B0', 'c0', 'B1', 'c1'])
    place.ready()
    expect(await place.run(job, { resume: {} })).toMatchObject({ status: 'completed', sub_flows: { completed: 8 } })
    expect(place.acts()).toHaveLength(8)
  })

  it('does not take a change back by records from before it', async () => {
    const place = new ResumePlace()
    const build = (a: string) => place.build(flow([act('a', a), act('b'), waitFor('c')], ['a (1|) b', 'b (1|) c']))
    await place.run(await build('one'))
    await place.run(await build('two'), { resume: {} })
    await place.run(await build('one'), { resume: {} })
    expect(place.acts()).toEqual(['one', 'b', 'two', 'b', 'one', 'b'])
  })

  it('is refused when a changed sub flow has added rows to a target, until it is asked for with --again', async () => {
    const place = new ResumePlace()
    const control = ['rows (1|) stop']
    const failed = await place.run(await place.build(flow([...ADDS, waitFor('stop')], control, ['rows.data - add.input'])))
    place.ready()
    const mended = [ADDS[0]?.replace('n: 1', 'n: 2') ?? '', ADDS[1] ?? '', waitFor('stop')]
    const job = await place.build(flow(mended, control, ['rows.data - add.input']))
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringMatching(
        /^rows \(changed\) would run again, and has added rows to a target already: they would be there twice\. rows has added 1 row to \/.*\/all\.csv in the process that started at 20[-0-9]{8}T[:.0-9]+Z\.$/,
      ),
      hint: expect.stringContaining(`pype run sample --resume ${failed.run} --again rows`),
    })
    expect(place.read('all.csv')).toBe('n\n1\n')
    expect((await place.run(job, { resume: {}, again: ['add'] })).status).toBe('completed')
    expect(place.read('all.csv')).toBe('n\n1\n2\n')
  })

  it('is refused with the number of the rows that were added, also beside a sink that overwrites', async () => {
    const place = new ResumePlace()
    const build = (n: number) => {
      const other = '{ id: other, name: csv_sink, configs: { output_path: other.csv } }'
      const modules = [ADDS[0]?.replace('n: 1', `n: ${n}`) ?? '', ADDS[1] ?? '', other, waitFor('stop')]
      return place.build(flow(modules, ['rows (1|) stop'], ['rows.data - add.input', 'rows.data - other.input']))
    }
    await place.run(await build(1))
    await expect(place.run(await build(2), { resume: {} })).rejects.toMatchObject({
      code: 'RESUME_REFUSED',
      message: expect.stringMatching(/rows has added 1 row to \/[^,]*\/all\.csv in the process/),
    })
  })

  it('is refused too when the changed sub flow has another name by now', async () => {
    const place = new ResumePlace()
    await place.run(await place.build(flow([...ADDS, waitFor('stop')], ['rows (1|) stop'], ['rows.data - add.input'])))
    const modules = [(ADDS[0] ?? '').replace('id: rows', 'id: other'), ADDS[1] ?? '', waitFor('stop')]
    const job = await place.build(flow(modules, ['other (1|) stop'], ['other.data - add.input']))
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'RESUME_REFUSED' })
  })

  it('takes a context value that only the mended flow needs', async () => {
    const place = new ResumePlace()
    await place.run(await place.build(flow([act('a'), waitFor('b')], ['a (1|) b'])))
    place.ready()
    const job = await place.build(flow([act('a'), waitFor('b'), act('c', '{{context.new}}')], ['a (1|) b', 'b (1|) c']))
    await expect(place.run(job, { resume: {} })).rejects.toMatchObject({ code: 'CONTEXT_MISSING' })
    expect((await place.run(job, { resume: {}, set: ['new=1'] })).status).toBe('completed')
    expect(place.acts()).toEqual(['a', '1'])
  })
})

describe('rows that are gone', () => {
  const chain = (settings = {}) =>
    flow(
      [
        '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
        act('between'),
        waitFor('stop'),
        '{ id: out, name: csv_sink, configs: { output_path: out.csv } }',
      ],
      ['rows (1|) between', 'between (1|) stop', 'rows (2|) out'],
      ['rows.data - out.input'],
      settings,
    )

  it('are made again for a sub flow that reads them, and nothing else runs for them', async () => {
    const place = new ResumePlace()
    const job = await place.build(chain())
    const failed = await place.run(job)
    rmSync(path.join(failed.folder, 'artifacts'), { recursive: true })
    place.ready()
    const { said, options } = listening()
    expect((await place.run(job, { resume: {}, ...options })).status).toBe('completed')
    expect([place.read('out.csv'), place.acts()]).toEqual(['n\n1\n', ['between']])
    expect(said).toEqual(['Runs again although it has completed: rows (its rows are gone).'])
  })

  it('are not made again when all who read them have completed or were passed by', async () => {
    const place = new ResumePlace()
    const modules = [
      '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
      '{ id: out, name: csv_sink, configs: { output_path: out.csv } }',
      '{ id: not, name: csv_sink, configs: { output_path: not.csv } }',
      waitFor('stop'),
    ]
    const job = await place.build(
      flow(modules, ['rows (1|) out', 'rows (2|1 = 2) not', 'rows (3|) stop'], ['rows.data - out.input', 'rows.data - not.input']),
    )
    const failed = await place.run(job)
    rmSync(path.join(failed.folder, 'artifacts'), { recursive: true })
    place.ready()
    const { said, options } = listening()
    expect((await place.run(job, { resume: {}, ...options })).status).toBe('completed')
    expect(said).toEqual([])
  })

  it('take the loop with them whose list they are', async () => {
    const place = new ResumePlace()
    const modules = [
      '{ id: list, name: inline_source, configs: { rows: [{ i: 0 }, { i: 1 }] } }',
      act('each', '{{iter.item.i}}'),
      '{ id: check, name: shell, configs: { command: "test {{iter.item.i}} = 0 || test -f ready" } }',
    ]
    const job = await place.build(flow(modules, ['list (1|iterate) each', 'each (1|) check']))
    const failed = await place.run(job)
    rmSync(path.join(failed.folder, 'artifacts'), { recursive: true })
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts()).toEqual(['0', '1', '0', '1'])
  })
})
