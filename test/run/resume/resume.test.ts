import { rmSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatSummary } from '../../../src/run/observe/format-summary.js'
import { RunPlace } from '../overlap/run-processes.js'
import { act, flow, ResumePlace, waitFor } from './resume-place.js'

describe('a resume of a failed run', () => {
  it('goes on as the same run, and runs only what has not completed', async () => {
    const place = new ResumePlace()
    const job = await place.build(flow([act('a'), waitFor('b'), act('c')], ['a (1|) b', 'b (1|) c']))
    const failed = await place.run(job)
    expect([failed.status, place.acts()]).toEqual(['failed', ['a']])
    place.ready()
    const resumed = await place.run(job, { resume: {} })
    expect(resumed).toMatchObject({
      status: 'completed',
      run: failed.run,
      started: failed.started,
      sub_flows: { completed: 3, recorded: 1 },
    })
    expect(formatSummary(resumed)).toContain(': 3 sub flows completed, 1 of them before\n')
    expect(place.acts()).toEqual(['a', 'c'])
    expect(resumed.nodes.map(({ node, runs }) => [node, runs])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
  })

  it('has the globals, the rows and the decisions of before', async () => {
    const place = new ResumePlace()
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
        { fail_strategy: 'continue' },
      ),
    )
    expect((await place.run(job)).status).toBe('failed')
    place.write('in.csv', 'n\n1\n2\n3\n')
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect([place.read('out.csv'), place.acts()]).toEqual(['n\n1\n2\n', ['2']])
  })

  it('walks only the passes of a loop again that did not end whole, over the same list', async () => {
    const place = new ResumePlace()
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
    expect(place.acts()).toEqual(['first 0', 'last 0', 'first 1'])
    place.write('list.csv', 'i\n7\n8\n')
    place.ready()
    const resumed = await place.run(job, { resume: {} })
    expect(resumed).toMatchObject({ status: 'completed', sub_flows: { completed: 11 } })
    expect(place.acts()).toEqual(['first 0', 'last 0', 'first 1', 'last 1', 'first 2', 'last 2', 'after'])
  })

  it('runs again what was started because of a failure, and what an error connection has started no more', async () => {
    const place = new ResumePlace()
    const job = await place.build(
      flow([waitFor('b'), act('caught'), act('behind'), act('always')], ['b (1|error) caught', 'caught (1|) behind', 'b (2|done) always']),
    )
    await place.run(job)
    expect(place.acts()).toEqual(['caught', 'behind', 'always'])
    await place.run(job, { resume: {} })
    expect(place.acts().slice(3)).toEqual(['caught', 'behind', 'always'])
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts().slice(6)).toEqual(['always'])
  })
})

describe('a resume of a run that was stopped', () => {
  const slow = '{ id: slow, name: shell, configs: { command: "test -f ready || sleep 60" } }'

  it('goes on after a cancel and after a timeout, which counts anew', async () => {
    const place = new ResumePlace()
    const job = await place.build(flow([act('a'), slow, act('c', '$PYPE_RESUMED')], ['a (1|) slow', 'slow (1|) c'], [], { timeout: 1 }))
    const timedOut = await place.run(job)
    expect(timedOut).toMatchObject({ status: 'failed', errors: [{ code: 'TIMEOUT' }] })
    const cancel = new AbortController()
    const hear = (event: { type: string }) => {
      if (event.type === 'node.started') cancel.abort()
    }
    const options = { resume: {}, signal: cancel.signal, listeners: [{ name: 'cancel', hear }] }
    expect(await place.run(job, options)).toMatchObject({ status: 'cancelled', run: timedOut.run })
    place.ready()
    expect(await place.run(job, { resume: {} })).toMatchObject({ status: 'completed', run: timedOut.run })
    expect(place.acts()).toEqual(['a', '1'])
  })

  it('goes on after a SIGKILL, and finishes nothing twice', async () => {
    const place = new RunPlace()
    const body = flow(
      [
        '{ id: rows, name: inline_source, configs: { rows: [{ n: 1 }] } }',
        '{ id: add, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
        slow,
        '{ id: more, name: inline_source, configs: { rows: [{ n: 2 }] } }',
        '{ id: behind, name: csv_sink, configs: { output_path: all.csv, mode: append } }',
      ],
      ['rows (1|) slow', 'slow (1|) more'],
      ['rows.data - add.input', 'more.data - behind.input'],
    )
    await place.build(body)
    const started = place.start(['--log-level', 'debug'])
    await started.says(/"event":"subflow.started","subFlow":"slow"/)
    started.child.kill('SIGKILL')
    await started.ended
    place.write('ready', '')
    const { code, stdout, stderr } = await place.start(['--resume', '--log-level', 'debug']).ended
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ completed\n$/)])
    expect(stderr).toContain('rows completed in an earlier process')
    expect(place.read('all.csv')).toBe('n\n1\n2\n')
    const nothing = await place.start(['--resume']).ended
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('NOTHING_TO_RESUME')])
  })
})

describe('a resume takes from the records', () => {
  it('the passes of loops in loops that ended whole', async () => {
    const place = new ResumePlace()
    const rows = (id: string, name: string) => `{ id: ${id}, name: inline_source, configs: { rows: [{ ${name}: 0 }, { ${name}: 1 }] } }`
    const check = '{ id: check, name: shell, configs: { command: "test {{iter.outer.item.o}}{{iter.item.i}} != 10 || test -f ready" } }'
    const job = await place.build(
      flow(
        [
          rows('outer', 'o'),
          rows('inner', 'i'),
          act('one', '{{iter.outer.item.o}}{{iter.item.i}}'),
          check,
          act('after', 'after {{iter.item.o}}'),
        ],
        ['outer (1|iterate) inner', 'inner (1|iterate) one', 'one (1|) check', 'check (1|) after'],
      ).replace('after {{iter.item.o}}', 'after'),
    )
    expect((await place.run(job)).status).toBe('failed')
    place.ready()
    const resumed = await place.run(job, { resume: {} })
    expect([resumed.status, resumed.nodes.find(({ node }) => node === 'one')?.runs]).toEqual(['completed', 4])
    expect(place.acts().filter((line) => line !== 'after')).toEqual(['00', '01', '10', '11'])
  })

  it('the globals of passes that ended, as they are seen behind the loop', async () => {
    const place = new ResumePlace()
    const job = await place.build(
      flow(
        [
          '{ id: list, name: inline_source, configs: { rows: [{ i: 5 }, { i: 6 }] } }',
          '{ id: facts, name: set_global, configs: { values: { last: "{{iter.item.i}}" } } }',
          waitFor('stop'),
          act('says', '{{facts__last}}'),
        ],
        ['list (1|iterate) facts', 'list (2|) stop', 'stop (1|) says'],
      ),
    )
    await place.run(job)
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts()).toEqual(['6'])
  })

  it('the targets that were written, so that no other sub flow writes them', async () => {
    const place = new ResumePlace()
    const sink = (id: string) => `{ id: ${id}, name: csv_sink, configs: { output_path: "{{context.${id}}}" } }`
    const rows = (id: string) => `{ id: ${id}, name: inline_source, configs: { rows: [{ n: 1 }] } }`
    const job = await place.build(
      flow(
        [rows('a'), sink('one'), waitFor('stop'), rows('b'), sink('two')],
        ['a (1|) stop', 'stop (1|) b'],
        ['a.data - one.input', 'b.data - two.input'],
      ),
    )
    await place.run(job, { set: ['one=out.csv', 'two=out.csv'] })
    place.ready()
    expect((await place.run(job, { resume: {} })).errors).toMatchObject([{ code: 'TARGET_CLASH' }])
  })

  it('no target of what an error connection had started', async () => {
    const place = new ResumePlace()
    const sink = (id: string) => `{ id: ${id}, name: csv_sink, configs: { output_path: "{{context.${id}}}" } }`
    const rows = (id: string, n: number) => `{ id: ${id}, name: inline_source, configs: { rows: [{ n: ${n} }] } }`
    const modules = [waitFor('load'), rows('good', 1), sink('one'), rows('bad', 2), sink('two')]
    const data = ['good.data - one.input', 'bad.data - two.input']
    const job = await place.build(flow(modules, ['load (1|) good', 'load (2|error) bad'], data))
    await place.run(job, { set: ['one=out.csv', 'two=out.csv'] })
    expect(place.read('out.csv')).toBe('n\n2\n')
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.read('out.csv')).toBe('n\n1\n')
  })

  it('one list for two loops', async () => {
    const place = new ResumePlace()
    place.write('in/a', '')
    const list = '{ id: list, name: list_files, configs: { path: in } }'
    const modules = [list, act('one', 'one {{iter.item.name}}'), waitFor('stop'), act('two', 'two {{iter.item.name}}')]
    const job = await place.build(flow(modules, ['list (1|iterate) one', 'list (2|) stop', 'list (3|iterate) two']))
    await place.run(job)
    place.write('in/b', '')
    place.ready()
    expect((await place.run(job, { resume: {} })).errors).toEqual([])
    expect(place.acts()).toEqual(['one a', 'two a'])
  })

  it('joins, gates and what was started in the background', async () => {
    const place = new ResumePlace()
    const job = await place.build(
      flow(
        [act('a'), act('b'), '{ id: any, name: gate, configs: { wait: any } }', act('once'), act('beside'), waitFor('stop'), act('all')],
        ['a (1|start) beside', 'a (2|) any', 'a (3|) b', 'b (1|) any', 'any (1|) once', 'b (2|) stop', 'stop (1|) all', 'once (1|) all'],
      ),
    )
    await place.run(job)
    expect(place.acts().sort()).toEqual(['a', 'b', 'beside', 'once'])
    place.ready()
    expect((await place.run(job, { resume: {} })).status).toBe('completed')
    expect(place.acts().slice(4)).toEqual(['all'])
  })

  it('says where a loop has the name of a file from that somebody has taken away since', async () => {
    const place = new ResumePlace()
    place.write('in/a.csv', 'n\n1\n')
    const job = await place.build(
      flow(
        [
          '{ id: list, name: list_files, configs: { path: in } }',
          waitFor('stop'),
          '{ id: rows, name: csv_source, configs: { file_path: "{{iter.item.path}}" } }',
          '{ id: out, name: csv_sink, configs: { output_path: "out_{{iter.index}}.csv" } }',
        ],
        ['list (1|iterate) stop', 'stop (1|) rows'],
        ['rows.data - out.input'],
      ),
    )
    await place.run(job)
    place.ready()
    rmSync(path.join(place.root, 'in/a.csv'))
    const hint = expect.stringContaining('goes through the list that the run began with')
    expect((await place.run(job, { resume: {} })).errors).toMatchObject([{ code: 'FILE_NOT_FOUND', hint }])
  })
})
