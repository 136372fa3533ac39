import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tryFolderLock } from '../../../src/engine/duckdb/folder-lock.js'
import { listHistory } from '../../../src/run/history/list-history.js'
import { JobPlace } from '../job/job-fixture.js'

it('runs are listed also while a start settles for long what killed ones have left', async () => {
  const place = new JobPlace()
  onTestFinished(() => place.remove())
  const job = await place.build('modules: [{ id: a, name: sleep, configs: { seconds: 0 } }]\nconnections: { data: [], control: [] }')
  const { run, folder } = await place.run(job)
  const journal = path.join(folder, 'journal.log')
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
  writeFileSync(journal, `${lines.slice(0, -1).join('\n')}\n`)
  // A process that is killed writes none.
  rmSync(path.join(folder, 'summary.json'))
  const starting = await tryFolderLock(path.dirname(folder), '.starting.duckdb')
  onTestFinished(() => starting?.release())
  expect(await listHistory(path.dirname(folder), 'sample', 5)).toMatchObject([{ run, status: 'killed', why_not_resumable: null }])
})
