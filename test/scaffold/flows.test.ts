import { readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { buildFlow } from '../../src/build/build.js'
import { formatFlowFile } from '../../src/build/format/format-flow.js'
import { runJob } from '../../src/run/run.js'
import { makeFlow } from '../../src/scaffold/make-flow.js'
import { createProject, type PypeProject } from '../cli/pype-project.js'

const make = (project: PypeProject, file: string, from?: string) =>
  makeFlow({ file, from, cwd: project.folder, author: 'yes', today: '2026-01-31' })

async function run({ folder }: PypeProject, file: string): Promise<string> {
  const flow = path.join(folder, file)
  const { before, after } = await formatFlowFile(flow)
  expect(after).toBe(before)
  const { job, diagnostics } = await buildFlow(flow, { out: path.join(folder, 'jobs'), columns: { cwd: folder } })
  expect(diagnostics).toEqual([])
  expect(await runJob(job, { cwd: folder, env: {} })).toMatchObject({ status: 'completed' })
  return readFileSync(path.join(folder, `out/${path.parse(file).name}.csv`), 'utf8')
}

it('a flow to begin with validates and runs', async () => {
  const project = createProject()
  expect(await make(project, 'flows/daily.yaml')).toBeUndefined()
  expect(await run(project, 'flows/daily.yaml')).toBe('id,name\n1,Ada\n2,Grace\n')
})

it('a flow on a file of the user has the columns, the delimiter and the notation that are found in it', async () => {
  const project = createProject({
    'data/my süße file.csv': '"a;b,c";order;from;null\n1;2,5;x;2026-01-31\n;3,5;y;2026-02-01\n',
    'rows.jsonl': '{"day":"2026-01-31","deep":{"a":[1,2]}}\n',
    'tab.tsv': 'a\tb\n1\t2\n',
    'days.csv': 'a,b\n1,31.12.2026\n',
    'mixed.csv': 'a;b\n1,5;1.5\n',
  })
  expect(await make(project, 'own.yaml', 'data/my süße file.csv')).toBe(4)
  expect(project.read('own.yaml')).toContain(`    configs:
      file_path: "data/my süße file.csv"
      delimiter: ";"
      decimal: ","
      columns:
        "a;b,c": BIGINT
        order: DOUBLE
        from: VARCHAR
        "null": DATE
`)
  expect(await run(project, 'own.yaml')).toBe('"a;b,c",order,from,null\n1,2.5,x,2026-01-31\n')
  expect(await make(project, 'lines.yaml', 'rows.jsonl')).toBe(2)
  expect(await run(project, 'lines.yaml')).toMatch(/^day,deep\n2026-01-31,/)
  expect(await make(project, 'tab.yaml', 'tab.tsv')).toBe(2)
  expect(await run(project, 'tab.yaml')).toBe('a,b\n1,2\n')
  await make(project, 'days.yaml', 'days.csv')
  expect(await run(project, 'days.yaml')).toBe('a,b\n1,2026-12-31\n')
  await make(project, 'mixed.yaml', 'mixed.csv')
  expect(project.read('mixed.yaml')).not.toContain('decimal')
})

it('a packed file and a Parquet file are read too', async () => {
  const project = createProject({ 'packed.csv.gz': '' })
  const { writeFileSync, copyFileSync } = await import('node:fs')
  writeFileSync(path.join(project.folder, 'packed.csv.gz'), gzipSync('a,b\n1,2\n'))
  copyFileSync(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url), path.join(project.folder, 'f.parquet'))
  expect(await make(project, 'packed.yaml', 'packed.csv.gz')).toBe(2)
  expect(await run(project, 'packed.yaml')).toBe('a,b\n1,2\n')
  expect(await make(project, 'flights.yaml', 'f.parquet')).toBeGreaterThan(3)
  expect(project.read('flights.yaml')).not.toContain('columns:')
})

it('nothing is overwritten, and what cannot be read or named says so', async () => {
  const project = createProject({ 'daily.yaml': 'mine', 'bad.csv': 'a,b\n1,2,3\n', 'none.csv': '', 'x.xlsx': '' })
  await expect(make(project, 'daily.yaml')).rejects.toMatchObject({ code: 'FILE_EXISTS' })
  expect(project.read('daily.yaml')).toBe('mine')
  await expect(make(project, '1st.yaml')).rejects.toMatchObject({ code: 'USAGE', message: 'A flow cannot be called "1st".' })
  await expect(make(project, 'a.json')).rejects.toMatchObject({ code: 'USAGE', hint: 'e.g. a.json.yaml' })
  await expect(make(project, 'a.yaml', 'gone.csv')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  await expect(make(project, 'a.yaml', 'x.xlsx')).rejects.toMatchObject({ code: 'USAGE', message: 'No source is known for x.xlsx.' })
  for (const file of ['bad.csv', 'none.csv'])
    await expect(make(project, 'a.yaml', file)).rejects.toMatchObject({ message: expect.stringContaining(file) })
  expect(() => project.read('a.yaml')).toThrow()
})
