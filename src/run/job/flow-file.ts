import path from 'node:path'
import type { PlacedFile } from '../../core/errors.js'
import type { Job } from './load-job.js'

interface FlowFileOf {
  readonly job: Job
  /** Absolute. */
  readonly cwd: string
  readonly options: { readonly flowFile?: string | undefined }
}

/** The flow file that places refer to: the one that was given, else its copy in the job folder, as short as it can be written; as it was built. */
export function flowFile({ job, cwd, options }: FlowFileOf): PlacedFile {
  const { flow: hash } = job.metadata.built
  if (options.flowFile !== undefined) return { file: options.flowFile, hash }
  const file = path.join(job.folder, `${job.name}.yaml`)
  const relative = path.relative(cwd, file)
  return { file: relative.startsWith('..') ? file : relative, hash }
}
