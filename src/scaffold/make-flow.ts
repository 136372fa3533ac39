import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { formatNewFlow } from './flow.js'
import { makeFiles } from './new-files.js'
import type { SourceNode } from './source/described-source.js'
import { INLINE_SOURCE, readSourceNode } from './source/source-node.js'

/** Where a flow is made, and from what. */
export interface FlowRequest {
  /** From `cwd` on. The flow is called like it. */
  readonly file: string
  /** A file whose rows it reads, from `cwd` on. */
  readonly from: string | undefined
  readonly cwd: string
  readonly author: string
  /** YYYY-MM-DD. */
  readonly today: string
}

/** Makes a flow file; tells what was found in the file that it reads. Throws USAGE for a name that no flow can have, and as {@link makeFiles} and {@link readSourceNode} do. */
export async function makeFlow({ file, from, cwd, author, today }: FlowRequest): Promise<SourceNode> {
  const { name, ext } = path.parse(file)
  if (!/^\.ya?ml$/i.test(ext)) throw new PypeError('USAGE', `${file} is not the name of a YAML file.`, { hint: `e.g. ${file}.yaml` })
  if (!/^[a-zA-Z][a-zA-Z0-9_-]{0,127}$/.test(name)) {
    throw new PypeError('USAGE', `A flow cannot be called ${JSON.stringify(name)}.`, {
      hint: 'a letter first, then letters, digits, _ and -; at most 128',
    })
  }
  const source = from === undefined ? INLINE_SOURCE : await readSourceNode(from, cwd)
  await makeFiles(cwd, [{ path: file, content: formatNewFlow({ name, author, today, source }), about: 'a flow' }])
  return source
}
