import { readFileSync, writeFileSync } from 'node:fs'
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
  expect(await make(project, 'flows/daily.yaml')).toMatchObject({ columns: undefined })
  expect(await run(project, 'flows/daily.yaml')).toBe('id,name\n1,Ada\n2,Grace\n')
})

it('a flow on a file of the user has the columns, the delimiter and the notation that are found in it', async () => {
  const project = createProject({
    'data/my süße file.csv': '"a;b,c";order;from;null\n1;2,5;x;2026-01-31\n;3,5;y;2026-02-01\n',
    'rows.jsonl': '{"day":"2026-01-31","deep":{"a":[1,2]}}\n',
    'tab.tsv': 'a\tb\n1\t2\n',
    'days.csv': 'a,b\n1,31.12.2026\n',
    'mixed.csv': 'a;b\n1,5;1.5\n',
    'us.csv': 'a,b\n"1,204",x\n',
  })
  expect(await make(project, 'own.yaml', 'data/my süße file.csv')).toMatchObject({ columns: 4, nearTypes: [] })
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
  expect(await make(project, 'lines.yaml', 'rows.jsonl')).toMatchObject({ columns: 2, nearTypes: [] })
  expect(await run(project, 'lines.yaml')).toMatch(/^day,deep\n2026-01-31,/)
  expect(await make(project, 'tab.yaml', 'tab.tsv')).toMatchObject({ columns: 2, nearTypes: [] })
  expect(await run(project, 'tab.yaml')).toBe('a,b\n1,2\n')
  await make(project, 'days.yaml', 'days.csv')
  expect(await run(project, 'days.yaml')).toBe('a,b\n1,2026-12-31\n')
  await make(project, 'mixed.yaml', 'mixed.csv')
  expect(project.read('mixed.yaml')).not.toContain('decimal')
  await make(project, 'us.yaml', 'us.csv')
  expect(project.read('us.yaml')).toContain('        a: VARCHAR\n')
})

it('a file of another encoding, with groups of digits and times of day, is read as it is written', async () => {
  const project = createProject({ 'wide.csv': '' })
  const text = 'Straße;Betrag;um\nHauptstraße;1.204,50;31.12.2026 23:59\nAm Öl;3,00;01.01.2027 00:00\n'
  const result = 'Straße,Betrag,um\nHauptstraße,1204.5,2026-12-31 23:59:00\nAm Öl,3.0,2027-01-01 00:00:00\n'
  const encodings = { 'windows-1252': Buffer.from(text, 'latin1'), 'utf-16': Buffer.from(`\ufeff${text}`, 'utf16le') }
  for (const [encoding, bytes] of Object.entries(encodings)) {
    writeFileSync(path.join(project.folder, `${encoding}.csv`), bytes)
    await make(project, `f-${encoding}.yaml`, `${encoding}.csv`)
    expect(project.read(`f-${encoding}.yaml`)).toContain(`      delimiter: ";"
      encoding: ${encoding}
      decimal: ","
      thousands: "."
      timestamp_format: "%d.%m.%Y %H:%M"
      columns:
        "Straße": VARCHAR
        Betrag: DOUBLE
        um: TIMESTAMP
`)
    expect(await run(project, `f-${encoding}.yaml`)).toBe(result)
  }
})

it('columns that a few values keep from being numbers or dates are told, and stay texts', async () => {
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i};${i === 7 ? 'zwölf' : i};0${i};${i === 9 ? '31.02.2026' : '01.03.2026'};"a\n${i}";1,5`,
  )
  const project = createProject({ 'n.csv': `id;Menge;PLZ;Tag;Text;Preis\n${rows.join('\n')}\n\n` })
  expect((await make(project, 'n.yaml', 'n.csv')).nearTypes.map(({ column, type }) => [column, type])).toEqual([
    ['Menge', 'BIGINT'],
    ['Tag', 'DATE'],
  ])
  expect(project.read('n.yaml')).toContain(`        id: BIGINT
        Menge: VARCHAR # BIGINT, but for 1 of 40 values: "zwölf"
        PLZ: VARCHAR
        Tag: VARCHAR # DATE with date_format: "%d.%m.%Y", but for 1 of 40 values: "31.02.2026"
        Text: VARCHAR
        Preis: DOUBLE
`)
  await run(project, 'n.yaml')
})

it('a field of JSON records whose values have several types is told', async () => {
  const project = createProject({ 'mixed.jsonl': '{"id":1,"k":1}\n{"id":"x2","k":2}\n{"id":3,"k":3}\n' })
  await make(project, 'mixed.yaml', 'mixed.jsonl')
  const noted = 'id: JSON # its values have no one type; with one, those that do not fit leave by the port reject'
  expect(project.read('mixed.yaml')).toContain(`        ${noted}\n        k: BIGINT\n`)
  await run(project, 'mixed.yaml')
})

it('in a file of a few rows one odd value is told, as that of a total at the end, and two are not', async () => {
  const rows = ['1;03.01.2026;2;x', '2;04.01.2026;3;1', '3;05.01.2026;zwei;y', '4;06.01.2026;5;2', 'Summe;;10;']
  const project = createProject({ 'few.csv': `Nr;Tag;Menge;Text\n${rows.join('\n')}\n` })
  await make(project, 'few.yaml', 'few.csv')
  expect(project.read('few.yaml')).toContain(`        Nr: VARCHAR # BIGINT, but for 1 of 5 values: "Summe"
        Tag: DATE
        Menge: VARCHAR # BIGINT, but for 1 of 5 values: "zwei"
        Text: VARCHAR
`)
  await run(project, 'few.yaml')
})

it('of a header with a name twice and of broken rows, what can be read is found, and the flow reads the file as it is', async () => {
  const project = createProject({ 'q.csv': '\ufeff\nNr,nr_2,"the\nnote",,Nr\n1,2,x,y,2026-01-31\n', 'w.csv': 'a,b\n1,2\n3\n5,6\n7,8,9\n' })
  const rows = '\r\nNr;Kunde;Betrag;kunde\r\n1;Größe;1.204,50;31.12.2026\r\n2;x\r\n3;y;2,5;01.01.2027\r\n4;z;2,5;01.01.2027;zu viel\r\n'
  writeFileSync(path.join(project.folder, 'Aufträge.csv'), Buffer.from(rows, 'latin1'))
  expect(await make(project, 'both.yaml', 'Aufträge.csv')).toMatchObject({
    columns: 4,
    faults: { renamed: [{ from: 'kunde', to: 'kunde_2' }], broken: 2, seen: 4 },
  })
  expect(project.read('both.yaml')).toContain(`      header: false
      skip: 2
      decimal: ","
      thousands: "."
      date_format: "%d.%m.%Y"
      columns:
        Nr: BIGINT
        Kunde: VARCHAR
        Betrag: DOUBLE
        kunde_2: DATE
`)
  expect(await run(project, 'both.yaml')).toBe('Nr,Kunde,Betrag,kunde_2\n1,Größe,1204.5,2026-12-31\n3,y,2.5,2027-01-01\n')
  expect(project.read('out/both_bad.csv').match(/Expected 4 columns, got \d/g)).toEqual([
    'Expected 4 columns, got 2',
    'Expected 4 columns, got 5',
  ])
  await make(project, 'q.yaml', 'q.csv')
  expect(await run(project, 'q.yaml')).toBe('Nr,nr_2,"the\nnote",column3,Nr_3\n1,2,x,y,2026-01-31\n')
  expect(project.read('q.yaml')).not.toContain('bad')
  expect(await make(project, 'w.yaml', 'w.csv')).toMatchObject({ faults: { renamed: [], broken: 2, seen: 4 } })
  expect(project.read('w.yaml')).not.toContain('header')
  expect(await run(project, 'w.yaml')).toBe('a,b\n1,2\n5,6\n')
})

it('a packed file and a Parquet file are read too', async () => {
  const project = createProject({ 'packed.csv.gz': '' })
  const { copyFileSync } = await import('node:fs')
  writeFileSync(path.join(project.folder, 'packed.csv.gz'), gzipSync('a,b\n1,2\n'))
  copyFileSync(new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url), path.join(project.folder, 'f.parquet'))
  expect(await make(project, 'packed.yaml', 'packed.csv.gz')).toMatchObject({ columns: 2, nearTypes: [] })
  expect(await run(project, 'packed.yaml')).toBe('a,b\n1,2\n')
  expect((await make(project, 'flights.yaml', 'f.parquet')).columns).toBeGreaterThan(3)
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
