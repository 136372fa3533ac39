import path from 'node:path'
import type { EventError } from '../../core/events.js'
import type { TestedFlow } from '../plan/build-for-tests.js'
import type { CaseFolder } from '../rehearse/case-plan.js'

/** An error of a run as its case has to understand it: paths are those of the flow, and a file that is not there can be given. */
export function tellInCase(error: EventError, folder: CaseFolder, { nodes }: Pick<TestedFlow, 'nodes'>): EventError {
  const message = nameAsFlow(error.message, folder)
  const hint = error.hint === undefined ? undefined : nameAsFlow(error.hint, folder)
  if (error.code !== 'FILE_NOT_FOUND' || error.node === undefined) return { ...error, message, ...(hint === undefined ? {} : { hint }) }
  const [, file] = /^(?:The glob )?(\S.*?) (?:does not exist|matches no file|is not there)\.$/.exec(message) ?? []
  const given = file === undefined ? '…' : `${nameOne(file)}: { text: "…" }`
  const isSource = nodes.get(error.node)?.type === 'source'
  const replaced = isSource
    ? `\`replace: { ${error.node}: [{ … }] }\` gives rows in its place`
    : `\`replace: { ${error.node}: {} }\` has it do nothing`
  return {
    ...error,
    message,
    hint: `a case has only the files that it is given: \`files: { ${given} }\` puts one there, ${replaced}`,
  }
}

/** A file as a key of YAML; of a glob, one that it matches. */
function nameOne(file: string): string {
  const one = file.replaceAll(/[*?]+/g, 'a')
  return /[\s,:{}[\]#]/.test(one) ? JSON.stringify(one) : one
}

function nameAsFlow(text: string, { root, files, elsewhere }: CaseFolder): string {
  return text.replaceAll(`${files}${path.sep}`, '').replaceAll(elsewhere, '').replaceAll(`${root}${path.sep}`, `..${path.sep}`)
}
