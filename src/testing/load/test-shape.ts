import type { FileShape } from '../../build/load/file-shape.js'

/** A file with the cases of a flow. */
export const TEST_SHAPE: FileShape = {
  schema: 'test',
  noun: 'test',
  expected: 'a list of `cases`',
  advice: 'write `cases:` with a first case, e.g. `- name: runs through`',
  hint: 'a test file has the key `cases`, a list',
  page: 'test-flows.md',
  describePath: (steps) => {
    const [top, index, ...rest] = steps
    if (top !== 'cases' || index === undefined) return `\`${steps.join('.')}\``
    return `${rest.length === 0 ? '' : `\`${rest.join('.')}\` of `}case ${Number(index) + 1}`
  },
}
