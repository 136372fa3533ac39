import { existsSync } from 'node:fs'
import path from 'node:path'
import { Findings } from '../../build/findings.js'
import { checkSchema } from '../../build/load/check-schema.js'
import { readFlowText } from '../../build/load/load-flow.js'
import { parseYaml } from '../../build/load/parse-yaml.js'
import type { FlowValue } from '../../core/flow.js'
import { openSource, type SourceText } from '../../core/source-text.js'
import { readCase } from './read-case.js'
import { childOf, itemsOf, textOf } from './read-value.js'
import type { TestCase, TestFile } from './test-file.js'
import { TEST_SHAPE } from './test-shape.js'

/** What the names of test files end with. */
export const TEST_SUFFIX = /\.test\.ya?ml$/

/** A test file as far as it can be read, and what is wrong with it. */
export interface LoadedTests {
  /** Undefined when its shape is wrong. */
  readonly tests: TestFile | undefined
  readonly findings: Findings
}

/** Reads a test file. Throws FILE_NOT_FOUND or FILE_UNREADABLE; all else is among the findings. */
export async function loadTestFile(file: string): Promise<LoadedTests> {
  const source = openSource(file, await readFlowText(file, 'test'))
  const findings = new Findings(source)
  const root = parseYaml(source, TEST_SHAPE, findings)
  if (root === undefined) return { tests: undefined, findings }
  checkSchema(root, TEST_SHAPE, findings)
  // What has not the shape that the schema demands cannot be read as if it had.
  return { tests: findings.hasErrors ? undefined : assemble(root, source, findings), findings }
}

function assemble(root: FlowValue, source: SourceText, findings: Findings): TestFile {
  const cases = itemsOf(childOf(root, 'cases')).map((value, index) => readCase(value, root, index, findings))
  refuseTwins(cases, findings)
  const flow = childOf(root, 'flow')
  const written = textOf(flow)
  return {
    source,
    flow: written === undefined ? flowBeside(source.file) : path.join(path.dirname(source.file), written),
    flowAt: flow?.at,
    cases,
  }
}

function refuseTwins(cases: readonly TestCase[], findings: Findings): void {
  const seen = new Set<string>()
  for (const { name, nameAt } of cases) {
    if (seen.has(name))
      findings.error('TEST_INVALID', nameAt, `Two cases are called ${JSON.stringify(name)}.`, 'give each a name of its own')
    seen.add(name)
  }
}

/** `tests/NAME.test.yaml` is for `NAME.yaml` above it, any other one for its neighbour. */
export function flowBeside(file: string): string {
  const folder = path.dirname(file)
  const name = path.basename(file).replace(TEST_SUFFIX, '')
  const above = path.basename(path.resolve(folder)) === 'tests' ? path.join(folder, '..') : folder
  const candidates = [above, folder].flatMap((each) => ['yaml', 'yml'].map((ending) => path.join(each, `${name}.${ending}`)))
  return candidates.find((each) => existsSync(each)) ?? path.join(above, `${name}.yaml`)
}
