// The side that walks are measured against: appends the records of a journal to a new one, record by record.
//   bare-journal.mjs JOURNAL FLUSHES             flushes it as often, evenly spread
//   bare-journal.mjs JOURNAL FLUSHES copy N OUT  and writes N files in between: COPY by the engine, flush, rename, flush of the folder
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'

const [, , journal, flushes, what, times, out] = process.argv
const lines = readFileSync(journal, 'utf8').split(/(?<=\n)/)
const file = openSync(`${journal}.bare`, 'w')
const between = Math.max(1, Math.floor(lines.length / Number(flushes)))

if (what === 'copy') await copyFiles()
else {
  lines.forEach((line, i) => {
    writeSync(file, line)
    if ((i + 1) % between === 0) fsyncSync(file)
  })
}
closeSync(file)

async function copyFiles() {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const perFile = Math.floor(lines.length / Number(times))
  for (let i = 0; i < Number(times); i++) {
    const staged = path.join(out, `.${i}.csv`)
    await connection.run(`COPY (SELECT * FROM (VALUES (1, 0), (2, ${i})) t(a, b)) TO '${staged}' (FORMAT csv, HEADER)`)
    flush(staged)
    flush(out)
    for (let k = 0; k < perFile; k++) writeSync(file, lines[i * perFile + k])
    fsyncSync(file)
    renameSync(staged, path.join(out, `${i}.csv`))
    flush(out)
  }
}

function flush(target) {
  const handle = openSync(target, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
