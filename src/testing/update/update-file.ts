import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Document, isScalar, parseDocument } from 'yaml'
import { keepNumbers, padBrackets } from '../../build/format/print-document.js'
import { replaceFile } from '../../core/replace-file.js'
import type { SourceText } from '../../core/source-text.js'
import type { Failure, FoundInstead } from '../compare/failure.js'
import type { LendEngine } from '../compare/read-expected.js'
import { findShared, stepsTo } from './find-shared.js'
import { spliceText } from './splice-text.js'
import { updateRows } from './update-rows.js'
import { writeRowsFile } from './write-rows-file.js'
import { inPlaceOf, toYamlValue } from './yaml-value.js'

/** What to change in a test file. */
export interface CaseUpdate {
  /** The place of the case among those of the file. */
  readonly index: number
  readonly failures: readonly Failure[]
}

/** What an update of a case comes to. */
export interface UpdateVerdict {
  /** Whether what was found can stand in the test file, as what is expected. A run that ended otherwise has no rows worth that. */
  readonly canUpdate: boolean
  /** The failures; those that stand in the way of an update say why. */
  readonly failures: readonly Failure[]
}

/** Whether a test file can be updated to what a case has found. */
export function judgeUpdate({ text }: SourceText, { index, failures }: CaseUpdate): UpdateVerdict {
  const document = parseTests(text)
  const told = failures.map((failure) => {
    const shared = findShared(document, index, failure)
    return shared === undefined
      ? { failure, isOpen: failure.found !== undefined }
      : {
          failure: { ...failure, hint: `it was not updated: other places share it by the anchor &${shared}; write it out for each` },
          isOpen: false,
        }
  })
  return {
    canUpdate: failures.length > 0 && told.every(({ isOpen }) => isOpen),
    failures: told.map(({ failure }) => failure),
  }
}

function parseTests(text: string): Document {
  return parseDocument(text, { intAsBigInt: true, customTags: keepNumbers })
}

/** Writes what was found into a test file, and into the files that it names; all else in it stays, with its comments. */
export async function updateFile(file: string, updates: readonly CaseUpdate[], lend: LendEngine): Promise<void> {
  const written = readFileSync(file, 'utf8')
  const text = written.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const document = parseTests(text)
  for (const { index, failures } of updates) {
    for (const { found, rows } of failures) {
      if (found === undefined) continue
      const steps = stepsTo(found, index) ?? []
      if (found.kind === 'rows' && found.planned.file !== undefined) await writeRowsFile(found.planned.file, found.captured, lend)
      else if (found.kind === 'rows') updateRows(document, steps, found, rows)
      else if (found.kind === 'global')
        document.setIn(steps, inPlaceOf(document.getIn(steps, true), toYamlValue(found.value.text, found.value.type, document)))
      else await updateExpectedFile(document, steps, found, path.dirname(file))
    }
  }
  padBrackets(document)
  const updated = document.toString({
    lineWidth: 0,
    indent: indentOf(text),
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    indentSeq: hasIndentedLists(text),
  })
  await replaceFile(file, withMarksOf(written, keepLayout(text, updated)))
}

/** What has changed, in the text as it is laid out; where that would say something else, all of it anew. */
function keepLayout(text: string, updated: string): string {
  const after = { text: updated, document: parseTests(updated) }
  const spliced = spliceText({ text, document: parseTests(text) }, after)
  const again = parseTests(spliced)
  const isSame = again.errors.length === 0 && isDeepStrictEqual(again.toJS(), after.document.toJS())
  return isSame ? spliced : updated
}

/** With the mark at the beginning and the ends of lines that a file has had. */
function withMarksOf(text: string, updated: string): string {
  const marked = text.startsWith('\uFEFF') ? `\uFEFF${updated}` : updated
  return text.includes('\r\n') ? marked.replaceAll('\n', '\r\n') : marked
}

/** The blanks by which a file moves in what is inside, from the first line that is moved in. */
function indentOf(text: string): number {
  const [, blanks = '  '] = /^[^\s#-][^\n]*:[ \t\r]*(?:#[^\n]*)?\n(?:[ \t\r]*(?:#[^\n]*)?\n)*( +)[^\s#]/m.exec(text) ?? []
  return Math.max(2, blanks.length)
}

async function updateExpectedFile(
  document: Document,
  steps: readonly (string | number)[],
  { content, bytes }: Extract<FoundInstead, { kind: 'file' }>,
  folder: string,
): Promise<void> {
  if (content.kind === 'file') {
    await replaceFile(path.resolve(folder, content.path.text), bytes)
    return
  }
  const node = document.getIn([...steps, 'text'], true)
  if (isScalar(node)) node.value = bytes.toString('utf8')
}

/** Whether the lists of a file stand further right than their keys. */
function hasIndentedLists(text: string): boolean {
  return !/^( *)[^\s#-][^\n]*:[ \t]*\n\1- /m.test(text)
}
