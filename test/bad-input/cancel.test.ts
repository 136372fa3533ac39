import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { BadFlow } from './bad-flow.js'

const LONG = `settings: { retries: 3 }
modules:
  - { id: seed, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: long, name: sql_mod, configs: { sql: "SELECT range AS id, md5(range::VARCHAR) AS text FROM input, range(2000000000)" } }
  - { id: write, name: csv_sink, configs: { output_path: out.csv } }
connections: { data: ["seed.data - long.input", "long.output - write.input"], control: [] }`

/** Resolves once the hidden file that a sink writes to has grown: the query is in its middle. */
async function isWriting(folder: string): Promise<void> {
  for (;;) {
    const staged = readdirSync(folder).find(
      (name) => name.startsWith('.') && name !== '.' && statSync(path.join(folder, name)).size > 100_000,
    )
    if (staged !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const MANY_PASSES = `modules:
  - { id: seed, name: inline_source, configs: { rows: [{ a: 1 }] } }
  - { id: list, name: sql_mod, configs: { sql: "SELECT range AS n FROM input, range(100000)" } }
  - { id: each, name: gate }
connections: { data: ["seed.data - list.input"], control: [{ from: list, to: each, order: 1, type: iterate, concurrency: 4 }] }`

/** Resolves once the passes of a loop follow each other quickly. */
async function isLooping(folder: string): Promise<void> {
  for (;;) {
    const [journal] = listJournals(folder)
    if (journal !== undefined && statSync(journal).size > 200_000) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Resolves once a new run has noted in its journal that a sink stages its output: its query is next. */
async function hasStaged(folder: string): Promise<void> {
  const older = listJournals(folder)
  for (;;) {
    const journal = listJournals(folder).find((file) => !older.includes(file))
    if (journal !== undefined && /^\d+ \S+ started /m.test(readFileSync(journal, 'utf8'))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function listJournals(folder: string): string[] {
  const runs = path.join(folder, 'jobs/bad/runs')
  if (!existsSync(runs)) return []
  return readdirSync(runs)
    .map((run) => path.join(runs, run, 'journal.log'))
    .filter((file) => existsSync(file))
}

describe('Ctrl-C', () => {
  it('while a sink writes ends the run at once, and no part of its output is to be seen', async () => {
    const flow = new BadFlow()
    const begun = performance.now()
    await flow.expectFailure(LONG, { code: 'CANCELLED', exit: 130 }, { interruptAfter: isWriting })
    expect(performance.now() - begun).toBeLessThan(20_000)
  })

  it('while a query counts without an end ends the run at once', async () => {
    const flow = new BadFlow()
    const body = LONG.replace('SELECT range AS id, md5(range::VARCHAR) AS text', 'SELECT sum(hash(range)) AS n')
    await flow.expectFailure(body.replace('2000000000', '200000000000'), { code: 'CANCELLED', exit: 130 }, { interruptAfter: hasStaged })
  })
  it('in a loop of 100,000 quick passes ends the run at once', async () => {
    const flow = new BadFlow()
    await flow.build(MANY_PASSES)
    const { stderr } = await flow.expectRunFails({ code: 'CANCELLED', exit: 130 }, { interruptAfter: isLooping })
    expect(stderr).not.toMatch(/each \(100000 times\)/)
  })
})
