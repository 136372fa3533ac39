import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { locateRegistry, scanModules } from '../../../src/registry/project-modules.js'
import { writeRegistry } from '../../../src/registry/registry-file.js'
import { JobPlace } from '../job/job-fixture.js'

/** A project with modules of its own, registered as `pype auto-register` does it. */
export async function createUserProject(modules: { readonly [file: string]: string }): Promise<JobPlace> {
  const place = new JobPlace()
  for (const [file, text] of Object.entries(modules)) place.write(file, text)
  // As if the user had installed what the modules import.
  mkdirSync(path.join(place.root, 'node_modules'))
  const arrow = fileURLToPath(new URL('../../../node_modules/apache-arrow', import.meta.url))
  symlinkSync(arrow, path.join(place.root, 'node_modules/apache-arrow'))
  place.write('ModRegistry.json', '{}\n')
  const registry = await locateRegistry(place.root)
  await writeRegistry(registry.file, await scanModules(registry))
  return place
}

/** What the modules noted: one line of JSON each. */
export function readNotes(place: JobPlace, file = 'notes.jsonl'): { readonly [field: string]: unknown }[] {
  return place
    .read(file)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
