import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { PypeError } from '../core/errors.js'
import { isYamlName, suggestPath } from '../core/near-path.js'
import { suggestFirstTest } from './first-test.js'
import { flowBeside, loadTestFile, TEST_SUFFIX } from './load/load-test-file.js'

/**
 * The test files that are meant by flows, test files and folders; with none of them, all that are below the current folder. Throws
 * FILE_NOT_FOUND for what is not there or has no tests.
 */
export async function findTestFiles(named: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all((named.length === 0 ? ['.'] : named).map(findOf))
  return [...new Set(found.flat().map((file) => path.normalize(file)))]
}

async function findOf(named: string): Promise<readonly string[]> {
  if (!existsSync(named))
    throw new PypeError('FILE_NOT_FOUND', `There is no flow, test file or folder ${named}.`, {
      hint: suggestPath(named, '.', isYamlName, findNearFolder(named)),
    })
  if (statSync(named).isDirectory()) {
    const files = listTests(named)
    if (files.length > 0) return files
    throw new PypeError('FILE_NOT_FOUND', `There are no test files below ${named === '.' ? 'this folder' : named}.`, {
      hint: 'their names end with .test.yaml: tests/daily.test.yaml is for the flow daily.yaml above it; `pype test FLOW` shows a first one, and docs/test-flows.md all of it',
    })
  }
  return TEST_SUFFIX.test(named) ? [named] : findForFlow(named)
}

/** In the folder of the flow and in `tests` below it. */
async function findForFlow(flow: string): Promise<readonly string[]> {
  const folder = path.dirname(flow)
  const files = [folder, path.join(folder, 'tests')].flatMap((each) =>
    existsSync(each)
      ? readdirSync(each)
          .filter((name) => TEST_SUFFIX.test(name))
          .sort()
          .map((name) => path.join(each, name))
      : [],
  )
  const meant = await Promise.all(files.map(async (file) => ({ file, isMeant: await isFor(file, flow) })))
  const found = meant.filter(({ isMeant }) => isMeant).map(({ file }) => file)
  if (found.length > 0) return found
  throw new PypeError('FILE_NOT_FOUND', `There are no tests of ${flow}.`, { hint: await suggestFirstTest(flow) })
}

function findNearFolder(named: string): string {
  return suggestPath(named, '.', 'folder', 'check the path; `pype test` alone runs all test files below this folder')
}

/** A test file that cannot be read counts by its name, and is reported when it is run. */
async function isFor(file: string, flow: string): Promise<boolean> {
  const { tests } = await loadTestFile(file)
  return path.resolve(tests?.flow ?? flowBeside(file)) === path.resolve(flow)
}

function listTests(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : listTests(place)
    return TEST_SUFFIX.test(entry.name) ? [place] : []
  })
}
