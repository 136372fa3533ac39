import { PypeError } from '../../../core/errors.js'

/** Throws MODULE_FAILED for what the code of a module has put out on a port and is no rows: nothing has checked the types of a user's module. */
export function refuseNoRows(output: unknown, module: string, port: string): void {
  if (typeof output === 'object' && output !== null) {
    if ('kind' in output || isIterable(output) || ('rows' in output && isIterable(output.rows))) return
  }
  const what = typeof output === 'object' ? (output === null ? 'null' : 'an object without rows') : `a ${typeof output}`
  throw new PypeError('MODULE_FAILED', `The module ${module} put ${what} out on its port ${port}; expected are rows.`, {
    hint: `e.g. return { ${port}: { columns: [{ name: 'id', type: 'BIGINT' }], rows: [{ id: 1 }] } }`,
  })
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}
