import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hashText } from '../../../src/core/text-hash.js'

/** Changes the dag of a job as a build would have written it so: the metadata have its hash. */
export function editDag(job: string, edit: (dag: string) => string): void {
  const name = path.basename(job)
  const file = path.join(job, `${name}_dag.json`)
  const metadataFile = path.join(job, `${name}_execution_metadata.json`)
  const dag = edit(readFileSync(file, 'utf8'))
  const metadata = JSON.parse(readFileSync(metadataFile, 'utf8'))
  writeFileSync(file, dag)
  writeFileSync(metadataFile, JSON.stringify({ ...metadata, built: { ...metadata.built, dag: hashText(dag) } }))
}
