import { onTestFinished } from 'vitest'
import type { RunOptions, RunSummary } from '../../src/index.js'
import { JobPlace } from '../run/job/job-fixture.js'

/** A folder for flows that goes when the test ends. */
export function openPlace(files: { readonly [name: string]: string } = {}): JobPlace {
  const place = new JobPlace()
  onTestFinished(() => place.remove())
  for (const [name, text] of Object.entries(files)) place.write(name, text)
  return place
}

/** Builds and runs nodes, each given as `id module {configs}`, that data connections join as said. */
export async function runNodes(
  place: JobPlace,
  nodes: readonly string[],
  {
    data,
    control = [],
    settings = '',
    run = {},
  }: { data: readonly string[]; control?: readonly string[]; settings?: string; run?: Partial<RunOptions> },
): Promise<RunSummary> {
  const list = nodes.map((node) => {
    const [, id, module, configs] = /^(\w+) (\w+) (.*)$/s.exec(node) ?? []
    return `  - { id: ${id}, name: ${module}, configs: ${configs} }`
  })
  const body = `settings: { ${settings} }\nmodules:\n${list.join('\n')}\nconnections: { data: ${JSON.stringify(data)}, control: ${JSON.stringify(control)} }`
  return place.run(await place.build(body), run)
}

/** Runs one query over the row `one` and returns the lines of the CSV file that it ends in; with `boundary` its rows go through a stored file first. */
export async function queryLines(sql: string, { boundary = false, settings = '', run = {} } = {}): Promise<string[]> {
  const place = openPlace()
  const nodes = [
    'seed inline_source { rows: [{ one: 1 }] }',
    `query sql_mod { sql: ${JSON.stringify(sql)} }`,
    'after sql_mod { sql: "SELECT COLUMNS(*)::VARCHAR FROM (SELECT *, typeof(v) AS type FROM input)" }',
    'out csv_sink { output_path: out.csv }',
  ]
  const summary = await runNodes(place, nodes, {
    data: ['seed.data - query.input', 'query.output - after.input', 'after.output - out.input'],
    control: boundary ? ['query (1|) after'] : [],
    settings,
    run,
  })
  if (summary.errors.length > 0) throw new Error(JSON.stringify(summary.errors))
  return place.read('out.csv').trimEnd().split('\n').slice(1)
}
