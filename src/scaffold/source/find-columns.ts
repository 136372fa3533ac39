import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { validateFlow } from '../../build/build.js'
import type { PortColumns } from '../../build/columns/flow-columns.js'
import { DiagnosticsError, PypeError } from '../../core/errors.js'
import type { Column } from '../../sdk/relation.js'

/**
 * Asks the build which columns it finds in a file, by a flow that has nothing but the source and a sink. Throws FILE_UNREADABLE where they are not
 * known, and what the build says of the source.
 */
export async function findColumns(module: string, configs: readonly string[], file: string, cwd: string): Promise<readonly Column[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pype-new-'))
  try {
    const flow = path.join(folder, 'probe.yaml')
    await writeFile(flow, formatProbe(module, configs))
    const { columns } = await validateFlow(flow, { columns: { cwd, allPorts: true } })
    const found = [...(columns ?? [])].find(([node]) => node.flow.id === 'rows')?.[1].get('data')
    return columnsOf(found, file)
  } catch (error) {
    const [first] = error instanceof DiagnosticsError ? error.diagnostics : []
    throw first === undefined ? error : new PypeError(first.code, first.message, { hint: first.hint, cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function columnsOf(found: PortColumns | undefined, file: string): readonly Column[] {
  if (found?.kind === 'known' && found.columns.length > 0) return found.columns
  const reason = found?.kind === 'unknown' ? found.reason : 'none are found in it'
  throw new PypeError('FILE_UNREADABLE', `The columns of ${file} are not known: ${reason}.`, {
    hint: 'mend the file, or make the flow without --from and write its source by hand: `pype list-modules` shows them',
  })
}

function formatProbe(module: string, configs: readonly string[]): string {
  return `flow: { name: probe, version: 1.0.0, authors: [pype], created: "2026-01-01" }
modules:
  - id: rows
    name: ${module}
    configs:
${configs.map((line) => `      ${line}\n`).join('')}  - { id: result, name: log_sink }
connections: { data: [rows.data - result.input], control: [] }
`
}
