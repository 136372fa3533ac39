import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { RunSummary } from '../../src/index.js'
import { ModuleProject } from './module-flow.js'

const FILES = {
  'in ü/b.csv': '12',
  'in ü/a.tar.gz': '1',
  'in ü/B.csv': '123',
  'in ü/noext': '',
  'in ü/.hidden.csv': 'x',
  'in ü/.pype-1-b.csv': 'x',
  'in ü/deep/a.csv': '12',
  'in ü/.dir/never.csv': '',
}

/** Lists in one flow by several nodes; the items of each, as the frames of its loop write them, and the errors by node. */
async function listAll(project: ModuleProject, lists: { readonly [id: string]: object }) {
  const ids = Object.keys(lists)
  const { summary } = await project.run({
    modules: {
      begin: ['log', { message: 'begin' }],
      ...Object.fromEntries(
        ids.flatMap((id) => [
          [id, ['list_files', lists[id] ?? {}] as const],
          [`${id}_item`, ['inline_source', { rows: [{ item: '{{iter.item}}' }], columns: { item: 'JSON' } }] as const],
          [`${id}_out`, ['json_sink', { output_path: `${id}.jsonl`, mode: 'append' }] as const],
          [`${id}_count`, ['log', { message: `${id} {{${id}__count}}` }] as const],
        ]),
      ),
    },
    data: ids.map((id) => `${id}_item.data - ${id}_out.input`),
    control: ids.flatMap((id, i) => [`begin (${i + 1}|) ${id}`, `${id} (1|iterate) ${id}_item`, `${id} (2|) ${id}_count`]),
    settings: { fail_strategy: 'continue' },
  })
  const items = (id: string) =>
    project.has(`${id}.jsonl`) ? project.lines(`${id}.jsonl`).map(({ item }) => item as { [field: string]: unknown }) : []
  return { summary, items, errorOf: (id: string) => errorOf(summary, id) }
}

function errorOf({ errors }: RunSummary, id: string) {
  return errors.find(({ node }) => node === id)
}

test('list_files gives the files of a folder or a glob to a loop, sorted, and never hidden ones', async () => {
  const project = new ModuleProject(FILES)
  utimesSync(project.path('in ü/B.csv'), 1, new Date('2026-01-31T10:00:00.500Z'))
  utimesSync(project.path('in ü/noext'), 1, new Date('2026-01-31T10:00:01Z'))
  utimesSync(project.path('in ü/b.csv'), 1, new Date('2020-01-01T00:00:00Z'))
  utimesSync(project.path('in ü/a.tar.gz'), 1, new Date('2020-01-01T00:00:00Z'))
  symlinkSync('b.csv', project.path('in ü/link.csv'))
  symlinkSync('nowhere', project.path('in ü/broken.csv'))
  symlinkSync('deep', project.path('in ü/linked'))
  project.write('odd [1].csv', 'literal')
  mkdirSync(project.path('empty'))
  const { items, errorOf } = await listAll(project, {
    folder: { path: 'in ü' },
    slash: { path: './in ü/', sort: 'size' },
    modified: { path: 'in ü/[!l]*', sort: 'modified' },
    all: { path: 'in ü', recursive: true },
    glob: { path: 'in ü/*.csv' },
    deep: { path: '*/**/a.*' },
    deeper: { path: 'in ü/*.csv', recursive: true },
    absolute: { path: project.path('in ü/b.c?v') },
    literal: { path: 'odd [1].csv' },
    none: { path: 'empty' },
    noMatch: { path: 'in ü/*.xml' },
    required: { path: 'in ü/*.xml', fail_if_empty: true },
    missing: { path: 'nowhere' },
  })
  expect(items('folder')[1]).toEqual({
    path: 'in ü/a.tar.gz',
    name: 'a.tar.gz',
    stem: 'a.tar',
    ext: 'gz',
    size: 1,
    modified: '2020-01-01T00:00:00.000Z',
  })
  const paths = (id: string) => items(id).map(({ path }) => path)
  expect(paths('folder')).toEqual(['B.csv', 'a.tar.gz', 'b.csv', 'link.csv', 'noext'].map((name) => `in ü/${name}`))
  expect(items('folder')[4]).toMatchObject({ stem: 'noext', ext: '', size: 0 })
  expect(paths('slash')).toEqual(['noext', 'a.tar.gz', 'b.csv', 'link.csv', 'B.csv'].map((name) => `./in ü/${name}`))
  expect(paths('modified')).toEqual(['a.tar.gz', 'b.csv', 'B.csv', 'noext'].map((name) => `in ü/${name}`))
  expect(paths('all')).toEqual(['B.csv', 'deep/a.csv', 'a.tar.gz', 'b.csv', 'link.csv', 'noext'].map((name) => `in ü/${name}`))
  expect(paths('glob')).toEqual(['in ü/B.csv', 'in ü/b.csv', 'in ü/link.csv'])
  expect(paths('deep')).toEqual(['in ü/deep/a.csv', 'in ü/a.tar.gz'])
  expect(paths('deeper')).toEqual(['in ü/B.csv', 'in ü/deep/a.csv', 'in ü/b.csv', 'in ü/link.csv'])
  expect(paths('absolute')).toEqual([project.path('in ü/b.csv')])
  expect(paths('literal')).toEqual(['odd [1].csv'])
  expect([...paths('none'), ...paths('noMatch')]).toEqual([])
  expect(errorOf('none')).toBeUndefined()
  expect(errorOf('noMatch')).toBeUndefined()
  expect(errorOf('required')).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('in ü/*.xml') })
  expect(errorOf('missing')).toMatchObject({ code: 'FILE_NOT_FOUND', message: expect.stringContaining('nowhere') })
})

test('list_files lists many files', async () => {
  const project = new ModuleProject()
  mkdirSync(project.path('many'))
  for (let i = 0; i < 3000; i++) writeFileSync(project.path(`many/${i}.txt`), '')
  const { summary, log } = await project.run({
    modules: { files: ['list_files', { path: 'many' }], said: ['log', { message: '{{files__count}} files' }] },
    control: ['files (1|) said'],
  })
  expect(summary.errors).toEqual([])
  expect(log.some(({ msg }) => msg === '3000 files')).toBe(true)
})
