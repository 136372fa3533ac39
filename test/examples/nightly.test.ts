import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { createProject, type Ended, PYPE } from '../cli/pype-project.js'
import { readText } from '../docs/play-page.js'

const EXAMPLE = fileURLToPath(new URL('../../examples/nightly', import.meta.url))
const DATA = path.join(EXAMPLE, 'data')
const DAY = ['london', 'paris', 'tokyo'].map((shop) => `sales_2026-01-31_${shop}.csv`)

const TOTALS = `item,shops,quantity,amount
"quiche, large",1,2,48.00
tea,3,8,30.40
抹茶,1,6,30.00
coffee,1,10,28.00
cake,1,1,18.00
scone,1,4,9.00
`

/** The example in a folder of its own, where a shell finds `pype`. */
interface Night {
  /** Absolute path of something in the folder of the context. */
  at(file: string): string
  /** The files in one of its folders, or none where the folder does not exist. */
  list(folder: string): string[]
  read(file: string): string
  /** Puts a file into the inbox. */
  send(file: string, content: string): void
  run(...args: string[]): Promise<Ended>
  /** Runs a command in the folder above; `/srv/shop` stands for it. */
  shell(command: string, PATH: string): SpawnSyncReturns<string>
}

function createNight(): Night {
  const project = createProject({
    'bin/pype': `#!/bin/sh\nexec '${process.execPath}' '${PYPE}' "$@"\n`,
    // Yesterday is the day of the data.
    'bin/date': '#!/bin/sh\n[ "$*" = "-d yesterday +%F" ] && echo 2026-01-31\n',
  })
  for (const file of readdirSync(path.join(project.folder, 'bin'))) chmodSync(path.join(project.folder, 'bin', file), 0o755)
  cpSync(EXAMPLE, path.join(project.folder, 'examples/nightly'), { recursive: true })
  const at = (file: string): string => path.join(project.folder, 'out/nightly', file)
  return {
    at,
    list: (folder) => (existsSync(at(folder)) ? readdirSync(at(folder)).sort() : []),
    read: (file) => readFileSync(at(file), 'utf8'),
    send: (file, content) => project.write(`out/nightly/inbox/${file}`, content),
    run: (...args) => project.pype(['run', 'nightly', ...args]),
    shell: (command, PATH) => {
      const env = { PATH: `${path.join(project.folder, 'bin')}:${PATH}` }
      return spawnSync('/bin/sh', ['-c', command.replaceAll('/srv/shop', project.folder)], { cwd: project.folder, env, encoding: 'utf8' })
    },
  }
}

/** Does what the comment at the top of the flow says, without its last command, which is the run. */
async function prepareNight(): Promise<Night> {
  const night = createNight()
  const [copy = '', build = ''] = topCommands()
  expect(night.shell(`${copy} && ${build}`, process.env['PATH'] ?? '')).toMatchObject({ status: 0, stderr: '' })
  return night
}

/** The commands in the comment at the top of the flow. */
function topCommands(): string[] {
  const [comment = ''] = readFileSync(path.join(EXAMPLE, 'nightly.yaml'), 'utf8').split('flow:\n')
  return [...comment.matchAll(/^# {3}((?:mkdir|pype) .*)$/gm)].map(([, command = '']) => command)
}

/** The files in the archive of a run, by name. */
function readArchive(night: Night, day: string, { stdout }: Pick<Ended, 'stdout'>): { [name: string]: string } {
  const archive = night.at(`archive/sales_${day}_${runOf(stdout)}.tar.gz`)
  const names = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trimEnd().split('\n')
  return Object.fromEntries(names.map((name) => [name, execFileSync('tar', ['-xOzf', archive, name], { encoding: 'utf8' })]))
}

function runOf(stdout: string): string {
  return stdout.split(' ')[0] ?? ''
}

function dataOf(...files: string[]): { [name: string]: string } {
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(DATA, file), 'utf8')]))
}

test('the commands at the top of the flow run a good night: it loads, sums up and archives all files, keeps the broken row, and leaves the inbox empty', async () => {
  const night = await prepareNight()
  const [, , run = '', ...more] = topCommands()
  expect([run, more]).toEqual([expect.stringMatching(/^pype run nightly --date 2026-01-31$/), []])
  const ended = night.shell(run, process.env['PATH'] ?? '')
  expect(ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/ completed\n$/) })
  expect(ended.stderr).toContain('rejected: 1 row\n')
  expect(night.list('.')).toEqual(['archive', 'inbox', 'rejects', 'sales', 'shelf', 'totals_2026-01-31.csv'])
  expect([night.list('inbox'), night.list('shelf')]).toEqual([[], []])
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS)
  expect(night.list('rejects/2026-01-31')).toEqual(['sales_2026-01-31_london.csv'])
  expect(night.read('rejects/2026-01-31/sales_2026-01-31_london.csv')).toBe(
    `_line,_column,_error_message,_raw\n4,quantity,"Column ""quantity"": 'one' is no INTEGER.","2026-01-31 11:05:00,tea,one,3.50"\n`,
  )
  expect(readArchive(night, '2026-01-31', ended)).toEqual(dataOf(...DAY))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const paris = await connection.runAndReadAll(`FROM '${night.at('sales/2026-01-31/sales_2026-01-31_paris.parquet')}'`)
  expect(paris.getRowsJson()).toEqual([
    ['2026-01-31 08:01:00', 'coffee', 10, '2.80', '28.00', 'sales_2026-01-31_paris.csv'],
    ['2026-01-31 12:30:00', 'quiche, large', 2, '24.00', '48.00', 'sales_2026-01-31_paris.csv'],
    ['2026-01-31 18:45:00', 'tea', 1, '4.10', '4.10', 'sales_2026-01-31_paris.csv'],
  ])
})

test('in a night with bad files the good ones are loaded, the bad ones are set aside and reported, and the run fails', async () => {
  const night = await prepareNight()
  const [oslo, rome] = ['sales_2026-01-31_oslo.csv', 'sales_2026-01-31_rome.csv']
  night.send(oslo, 'sold_at,item,price\n2026-01-31 09:12:00,tea,3.50\n')
  night.send(rome, 'sold_at,item,quantity,price\n2026-01-31 09:12:00,tea,2,3.50\n31.1.2026,tea,1,3.50\n2026-01-31 10:40:00,scone,4,2,25\n')
  const ended = await night.run('--date', '2026-01-31')
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(
    /^jobs\/nightly\/nightly\.yaml:\d+:\d+ {2}error SCHEMA_MISMATCH {2}node rows#1: .*oslo\.csv lacks quantity\./m,
  )
  expect(ended.stderr).toMatch(
    /^jobs\/nightly\/nightly\.yaml:\d+:\d+ {2}error FAILED_BY_FLOW {2}node too_many#3: .*rome\.csv has 2 bad rows/m,
  )
  expect(ended.stderr).toMatch(/^2 errors\.\nnightly failed in .* 2 failed/m)
  const run = runOf(ended.stdout)
  expect(night.read('problems_2026-01-31.csv')).toBe(
    'run,file,code,message\n' +
      `${run},${oslo},SCHEMA_MISMATCH,"${night.at(`inbox/${oslo}`)} lacks quantity. Expected: sold_at, item, quantity, price. Found: sold_at, item, price."\n` +
      `${run},${rome},FAILED_BY_FLOW,${rome} has 2 bad rows and 1 good ones.\n`,
  )
  expect([night.list('bad'), night.list('inbox')]).toEqual([[oslo, rome], []])
  expect(night.list('rejects/2026-01-31')).toEqual(['sales_2026-01-31_london.csv', rome])
  expect(night.list('sales/2026-01-31')).toEqual(DAY.map((file) => file.replace('.csv', '.parquet')))
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS)
  expect(readArchive(night, '2026-01-31', ended)).toEqual(dataOf(...DAY))
})

test('a file whose rows cannot be written is reported and waits in the inbox, and the others are loaded', async () => {
  const night = await prepareNight()
  const paris = 'sales_2026-01-31_paris'
  mkdirSync(night.at(`sales/2026-01-31/${paris}.parquet/in_the_way`), { recursive: true })
  expect(await night.run('--date', '2026-01-31')).toMatchObject({ code: 1 })
  expect(night.read('problems_2026-01-31.csv')).toContain(`${paris}.csv,FILE_UNWRITABLE,`)
  expect([night.list('inbox'), night.list('bad')]).toEqual([[`${paris}.csv`], []])

  rmSync(night.at(`sales/2026-01-31/${paris}.parquet`), { recursive: true })
  night.send('sales_2026-01-31.done', '')
  const second = await night.run('--date', '2026-01-31')
  expect(second).toMatchObject({ code: 0 })
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS)
  expect(readArchive(night, '2026-01-31', second)).toEqual(dataOf(`${paris}.csv`))
})

test('when the sum fails, the loaded files are kept for the next run, which sums up and archives them', async () => {
  const night = await prepareNight()
  mkdirSync(night.at('totals_2026-01-31.csv/in_the_way'), { recursive: true })
  expect(await night.run('--date', '2026-01-31')).toMatchObject({ code: 1 })
  expect([night.list('inbox'), night.list('shelf/2026-01-31'), night.list('archive')]).toEqual([[], DAY, []])

  rmSync(night.at('totals_2026-01-31.csv'), { recursive: true })
  night.send('sales_2026-01-31.done', '')
  const second = await night.run('--date', '2026-01-31')
  expect(second).toMatchObject({ code: 0 })
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS)
  expect(readArchive(night, '2026-01-31', second)).toEqual(dataOf(...DAY))
  expect(night.list('shelf')).toEqual([])
})

test('when no file comes, the run says for which it has waited, and when only the mark comes, that goes', async () => {
  const night = await prepareNight()
  const late = await night.run('--date', '2026-02-01', '--set', 'wait_seconds=0.1')
  expect(late).toMatchObject({ code: 1, stdout: expect.stringMatching(/ failed\n$/) })
  expect(late.stderr).toMatch(/error WAIT_TIMEOUT {2}node ready: .*\/inbox\/sales_2026-02-01\.done has not come after 0\.1 s\./)
  expect(late.stderr).toContain('hint: give a longer timeout, or look why the file is late')

  night.send('sales_2026-02-01.done', '')
  const empty = await night.run('--date', '2026-02-01')
  expect(empty).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/error FAILED_BY_FLOW {2}node nothing: There is no file for 2026-02-01,/),
  })
  // The files of the other day are untouched.
  expect([night.list('.'), night.list('inbox')]).toEqual([['inbox'], ['sales_2026-01-31.done', ...DAY]])
})

test('a second run loads what came later, also a file that replaces an earlier one, and each run has its own archive', async () => {
  const night = await prepareNight()
  const first = await night.run('--date', '2026-01-31')
  expect(first).toMatchObject({ code: 0 })
  const again = await night.run('--date', '2026-01-31', '--set', 'wait_seconds=0')
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('WAIT_TIMEOUT') })
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS)

  const tokyo = 'sold_at,item,quantity,price\n2026-01-31 13:20:00,tea,3,4.40\n'
  night.send('sales_2026-01-31_tokyo.csv', tokyo)
  night.send('sales_2026-01-31.done', '')
  const second = await night.run('--date', '2026-01-31')
  expect(second).toMatchObject({ code: 0 })
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS.replace('tea,3,8,30.40\n抹茶,1,6,30.00\n', 'tea,3,9,34.80\n'))
  expect(readArchive(night, '2026-01-31', second)).toEqual({ 'sales_2026-01-31_tokyo.csv': tokyo })
  expect(readArchive(night, '2026-01-31', first)).toEqual(dataOf(...DAY))
})

test('a run takes the files of its date and writes files of its date', async () => {
  const night = await prepareNight()
  night.send('sales_2026-02-01_rome.csv', 'sold_at,item,quantity,price\n2026-02-01 09:12:00,tea,2,3.50\n')
  night.send('sales_2026-02-01.done', '')
  const ended = await night.run('--date', '2026-02-01')
  expect(ended).toMatchObject({ code: 0 })
  expect(night.list('.')).toEqual(['archive', 'inbox', 'sales', 'shelf', 'totals_2026-02-01.csv'])
  expect(night.read('totals_2026-02-01.csv')).toBe('item,shops,quantity,amount\ntea,1,2,7.00\n')
  expect(night.list('sales')).toEqual(['2026-02-01'])
  expect(Object.keys(readArchive(night, '2026-02-01', ended))).toEqual(['sales_2026-02-01_rome.csv'])
  expect(night.list('inbox')).toEqual(['sales_2026-01-31.done', ...DAY])
})

test('the line for the crontab prints where to look when a file is bad, and nothing when all goes well', async () => {
  const page = readText('docs/scheduling.md')
  const crontab =
    [...page.matchAll(/^```crontab\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text).find((text) => text.includes('nightly')) ?? ''
  const [, PATH = ''] = /^PATH=(.*)$/m.exec(crontab) ?? []
  const [, folder = ''] = /^SALES_FOLDER=(.*)$/m.exec(crontab) ?? []
  const [, command = ''] = /^(?:\S+ +){5}(.*)$/m.exec(crontab) ?? []
  const night = await prepareNight()
  const asCronDoes = () => night.shell(`SALES_FOLDER=${folder}/out/nightly; export SALES_FOLDER; ${command.replaceAll('\\%', '%')}`, PATH)

  // One row in five is too much in this context.
  expect(asCronDoes()).toMatchObject({ stdout: 'nightly: exit code 1, see nightly.log and problems_*.csv\n', stderr: '' })
  const london = DAY[0] ?? ''
  expect(night.list('bad')).toEqual([london])
  night.send(london, readFileSync(night.at(`bad/${london}`), 'utf8').replace(',one,', ',1,'))
  night.send('sales_2026-01-31.done', '')
  expect(asCronDoes()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  expect(night.read('totals_2026-01-31.csv')).toBe(TOTALS.replace('tea,3,8,30.40', 'tea,3,9,33.90'))
})
