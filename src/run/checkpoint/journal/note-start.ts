import { PYPE_VERSION } from '../../../core/version.js'
import type { Engine } from '../../../engine/engine.js'
import { type OpenedRun, spillFolder } from '../../opened-run.js'
import { recordContext } from '../../secrets/recorded-context.js'
import type { Journal } from './journal.js'
import { JOURNAL_VERSION } from './records.js'

/** Writes the first record of a run, or of its resume. */
export function noteStart(run: OpenedRun, journal: Journal, engine: Engine): void {
  const { job, context, runId, started, time, cwd, definitions, kin, resume, secrets } = run
  const { dag, metadata } = job
  const versions = {
    pype_version: PYPE_VERSION,
    engine: { name: engine.name, version: engine.version },
    modules: Object.fromEntries(dag.nodes.map((node) => [node.module, definitions.get(node.id)?.version ?? node.version])),
  }
  if (resume !== undefined) {
    const { set: _, ...added } = recordContext({ ...context, values: {}, written: {}, ...resume.added }, secrets.masker)
    journal.append({
      kind: 'resumed',
      started: started.toISOString(),
      spill: spillFolder(run),
      ...versions,
      ...resume.record,
      ...(resume.added && added),
    })
    // What it makes void must never count again.
    journal.flush()
    return
  }
  journal.append({
    kind: 'run',
    journal_version: JOURNAL_VERSION,
    job: job.name,
    run: runId,
    folder: run.runFolder,
    ...(kin.parent === undefined ? {} : { parent: kin.parent.run }),
    started: started.toISOString(),
    date: time,
    time_zone: metadata.settings.time_zone,
    cwd,
    spill: spillFolder(run),
    context_name: context.name,
    ...recordContext(context, secrets.masker),
    ...versions,
    hashes: Object.fromEntries(Object.entries(metadata.sub_flows).map(([name, { hash }]) => [name, hash])),
  })
}
