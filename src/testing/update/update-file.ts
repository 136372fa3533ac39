import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type Document, isScalar, parseDocument } from 'yaml'
import { keepNumbers, padBrackets } from '../../build/format/print-document.js'
import type { Failure, FoundInstead } from '../compare/failure.js'
import type { LendEngine } from '../compare/read-expected.js'
import { updateRows } from './update-rows.js'
import { writeRowsFile } from './write-rows-file.js'
import { toYamlValue } from './yaml-value.js'

/** What to change in a test file. */
export interface CaseUpdate {
  /** The place of the case among those of the file. */
  readonly index: number
  readonly failures: readonly Failure[]
}

/** Whether what was found can stand in the test file, as what is expected. A run that ended otherwise has no rows worth that. */
export function canUpdate(failures: readonly Failure[]): boolean {
  return failures.length > 0 && failures.every(({ found }) => found !== undefined)
}

/** Writes what was found into a test file, and into the files that it names; all else in it stays, with its comments. */
export async function updateFile(file: string, updates: readonly CaseUpdate[], lend: LendEngine): Promise<void> {
  const text = readFileSync(file, 'utf8')
  const document = parseDocument(text, { intAsBigInt: true, customTags: keepNumbers })
  for (const { index, failures } of updates) {
    for (const { found, rows } of failures) {
      if (found === undefined) continue
      if (found.kind === 'rows' && found.planned.file !== undefined) await writeRowsFile(found.planned.file, found.captured, lend)
      else if (found.kind === 'rows') updateRows(document, ['cases', index, 'expect', 'rows', found.planned.key], found, rows)
      else if (found.kind === 'global')
        document.setIn(['cases', index, 'expect', 'globals', found.key], toYamlValue(found.value.text, found.value.type, document))
      else updateExpectedFile(document, index, found, path.dirname(file))
    }
  }
  padBrackets(document)
  const updated = document.toString({
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    indentSeq: hasIndentedLists(text),
  })
  if (updated !== text) writeFileSync(file, updated)
}

function updateExpectedFile(
  document: Document,
  index: number,
  { key, content, bytes }: Extract<FoundInstead, { kind: 'file' }>,
  folder: string,
): void {
  if (content.kind === 'file') {
    writeFileSync(path.resolve(folder, content.path.text), bytes)
    return
  }
  const node = document.getIn(['cases', index, 'expect', 'files', key, 'text'], true)
  if (isScalar(node)) node.value = bytes.toString('utf8')
}

/** Whether the lists of a file stand further right than their keys. */
function hasIndentedLists(text: string): boolean {
  return !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text)
}
