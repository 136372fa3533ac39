import type { Engine } from '../../engine/engine.js'
import type { Dependencies } from '../../engine/lineage.js'
import type { Relation } from '../../sdk/relation.js'
import type { InputColumn, PortLineage } from './flow-columns.js'
import { statement } from './node-world.js'

/** Where the columns of what leaves by a port come from; `inputs` are the stand-ins of the input ports that it stands on. */
export async function traceLineage(
  relation: Relation,
  inputs: { readonly [port: string]: Relation },
  engine: Engine,
): Promise<PortLineage> {
  const found = await engine.lineage(relation, statement())
  if (found.kind === 'unknown') return found
  const ports = new Map(Object.entries(inputs).map(([port, input]) => [input, port]))
  const toInputs = (from: Dependencies): readonly InputColumn[] =>
    [...from].flatMap(([{ relation: input, column }, influences]) => {
      const port = ports.get(input)
      return port === undefined ? [] : [{ port, column, influences: [...influences] }]
    })
  return {
    kind: 'known',
    columns: new Map(found.columns.map(({ name, from }) => [name, toInputs(from)])),
    given: new Map(found.columns.flatMap(({ name, given }) => (given === undefined ? [] : [[name, given] as const]))),
    rows: toInputs(found.rows),
  }
}
