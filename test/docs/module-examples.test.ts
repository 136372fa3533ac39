import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { exampleFlow } from '../../src/cli/catalogue/module-page.js'
import { validateFlow } from '../../src/index.js'
import { builtInRegistryFile, loadModule } from '../../src/registry/registry.js'
import { readRegistry } from '../../src/registry/registry-file.js'

const folder = mkdtempSync(path.join(tmpdir(), 'pype-examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const entries = Object.values(await readRegistry(builtInRegistryFile()))

test.each(entries.map(({ module_path }) => module_path))(
  'the example of %s is sound between the nodes that it names',
  async (modulePath) => {
    const example = exampleFlow(await loadModule(modulePath, { projectFolders: [] }))
    const { modules, connections } = parse(example)
    const before = [...new Set(example.match(/before_\w+/g))].map((id) => inlineSource(id))
    const after = connections.control.length > 0 ? [{ id: 'after_it', name: 'log', configs: { message: 'it ended' } }] : []
    const sink = example.includes('after_it.input') ? [{ id: 'after_it', name: 'log_sink' }] : []
    // What an example says in a message is a global of a sink.
    const load = example.includes('load__')
      ? [inlineSource('rows'), { id: 'load', name: 'csv_sink', configs: { output_path: 'x.csv' } }]
      : []
    const file = path.join(folder, `${modules[0].id}.yaml`)
    writeFileSync(
      file,
      stringify({
        flow: { name: 'example', version: '1.0.0', authors: ['me'], created: '2026-01-01' },
        modules: [...load, ...before, ...modules, ...after, ...sink],
        connections: {
          data: [...connections.data, ...(load.length > 0 ? ['rows.data - load.input'] : [])],
          control: [...connections.control, ...(load.length > 0 ? [`load (1|) ${modules[0].id}`] : [])],
        },
      }),
    )
    expect((await validateFlow(file)).diagnostics).toEqual([])
  },
)

function inlineSource(id: string): object {
  return { id, name: 'inline_source', configs: { rows: [{ a: 1 }] } }
}
