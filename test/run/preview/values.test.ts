import { expect, it } from 'vitest'
import { PreviewPlace } from './preview-place.js'

const OUT = 'out csv_sink { output_path: "out_{{run.id}}.csv" }'

it('globals of sources, mods and solos that only read are come to; those of sinks and other solos have to be given', async () => {
  const place = new PreviewPlace({ 'a.csv': 'n\n1\n2\n3\n' })
  place.flow(
    [
      'setup set_global { values: { least: 2 } }',
      'files list_files { path: "*.csv" }',
      'a csv_source { file_path: a.csv }',
      'kept csv_sink { output_path: kept.csv }',
      'told shell { command: "touch touched" }',
      'b csv_source { file_path: a.csv }',
      'some sql_mod { sql: "SELECT *, {{a__row_count}} AS rows, {{files__count}} AS files FROM input WHERE n >= {{setup__least}}" }',
      'more sql_mod { sql: "SELECT *, {{kept__row_count}} AS kept, {{told__stdout}} AS told FROM input" }',
      OUT,
    ],
    ['a.data - kept.input', 'b.data - some.input', 'some.output - more.input', 'more.output - out.input'],
    ['setup (1|) files', 'files (1|) a', 'kept (1|) told', 'told (1|) b'],
  )
  expect(await place.rows('some')).toEqual([
    { n: 2, rows: 3, files: 1 },
    { n: 3, rows: 3, files: 1 },
  ])
  const error = await place.rows('more').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'PREVIEW_VALUE',
    message: expect.stringMatching(
      /more needs \{\{kept__row_count\}\}, and kept is a sink.*\n.*more needs \{\{told__stdout\}\}, and told is a shell/,
    ),
    hint: 'give them: --global kept__row_count=VALUE --global told__stdout=VALUE',
  })
  const given = await place.rows('more', { globals: ['KEPT__row_count=3', 'told__stdout=hello', 'setup__least=3'] })
  expect(given).toEqual([{ n: 3, rows: 3, files: 1, kept: 3, told: 'hello' }])
  await expect(place.rows('more', { globals: ['kep__row_count=3'] })).rejects.toMatchObject({
    code: 'USAGE',
    hint: 'did you mean "kept__row_count"?',
  })
  await expect(place.rows('more', { globals: ['kept'] })).rejects.toMatchObject({ code: 'USAGE' })
  expect(place.files()).toEqual(['a.csv', 'flow.yaml'])
})

it('inside of a loop there is its first item, or the one that is given', async () => {
  const place = new PreviewPlace({ 'a.csv': 'n\n1\n', 'b.csv': 'n\n2\n' })
  place.flow(
    [
      'files list_files { path: "*.csv" }',
      'one csv_source { file_path: "{{iter.item.path}}" }',
      'out csv_sink { output_path: "out_{{iter.index}}.csv" }',
    ],
    ['one.data - out.input'],
    ['files (1|iterate) one'],
  )
  expect(await place.rows('one')).toEqual([{ n: 1 }])
  expect(await place.rows('one', { items: ['{ "path": "b.csv" }'] })).toEqual([{ n: 2 }])
  await expect(place.rows('one', { items: ['1', '2'] })).rejects.toMatchObject({ code: 'USAGE' })
  place.flow(
    [
      'files list_files { path: "*.none" }',
      'one csv_source { file_path: "{{iter.item.path}}" }',
      'out csv_sink { output_path: "out_{{iter.index}}.csv" }',
    ],
    ['one.data - out.input'],
    ['files (1|iterate) one'],
  )
  await expect(place.rows('one')).rejects.toMatchObject({ code: 'PREVIEW_VALUE', hint: 'give an item: --item VALUE' })
})

it('loops over rows, in loops: the outer item is that of the list around', async () => {
  const place = new PreviewPlace()
  place.flow(
    [
      'outer inline_source { rows: [{ k: 10 }, { k: 20 }] }',
      'seed inline_source { rows: [{ n: 1 }] }',
      'inner sql_mod { sql: "SELECT n + {{iter.item.k}} AS n FROM input" }',
      'leaf inline_source { rows: [{ x: 1 }] }',
      'both sql_mod { sql: "SELECT {{iter.item.n}} AS n, {{iter.outer.item.k}} AS k FROM input" }',
      'out csv_sink { output_path: "out_{{iter.index}}_{{iter.outer.index}}.csv" }',
    ],
    ['seed.data - inner.input', 'leaf.data - both.input', 'both.output - out.input'],
    ['outer (1|iterate) seed', 'inner (1|iterate) leaf'],
  )
  expect(await place.rows('both')).toEqual([{ n: 11, k: 10 }])
  expect(await place.rows('both', { items: ['{ "k": 20 }'] })).toEqual([{ n: 21, k: 20 }])
  expect(await place.rows('both', { items: ['{ "k": 20 }', '{ "n": 5 }'] })).toEqual([{ n: 5, k: 20 }])
})

it('a global that a loop leaves behind is that of its last item, which a preview does not come to', async () => {
  const place = new PreviewPlace({ 'a.csv': 'n\n1\n' })
  place.flow(
    [
      'files list_files { path: "*.csv" }',
      'one csv_source { file_path: "{{iter.item.path}}" }',
      'log log_sink {}',
      'after inline_source { rows: [{ a: 1 }] }',
      'some sql_mod { sql: "SELECT *, {{one__row_count}} AS c FROM input" }',
      OUT,
    ],
    ['one.data - log.input', 'after.data - some.input', 'some.output - out.input'],
    ['files (1|iterate) one', 'log (1|) after', 'files (2|) after'],
  )
  await expect(place.rows('some')).rejects.toMatchObject({
    code: 'PREVIEW_VALUE',
    message: 'some needs {{one__row_count}}, and one runs once per item of a loop.',
  })
})
