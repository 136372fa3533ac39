import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Findings } from '../../build/findings.js'
import type { FileContent, Named, TestEntry } from '../load/test-file.js'

/** A file that is there when the run starts. */
export interface PlannedFile {
  /** As the flow names it. */
  readonly path: string
  readonly content: { readonly from: string } | { readonly text: string }
}

/** Finds the files that a case starts with; `folder` is that of the test file. */
export function planFiles(entries: readonly TestEntry<FileContent>[], folder: string, findings: Findings): readonly PlannedFile[] {
  return entries.map(({ key, value }) => {
    if (value.kind === 'text') return { path: key, content: { text: value.text } }
    return { path: key, content: { from: findFile(value.path, folder, findings) } }
  })
}

/** The absolute path of a file that a test names; one that is not there is reported. */
export function findFile({ text, at }: Named, folder: string, findings: Findings): string {
  const file = path.resolve(folder, text)
  if (!existsSync(file))
    findings.error(
      'FILE_NOT_FOUND',
      at,
      `There is no file ${path.relative('.', file) || file}.`,
      'paths start at the folder of the test file',
    )
  return file
}
