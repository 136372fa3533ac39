import type { PypeError } from '../../../core/errors.js'
import type { FramePath } from '../../../core/frame.js'

/** The hint of an error; of a file that is missing in a pass of a loop of a resumed run, where the loop has its list from. */
export function hintAtList({ code, hint }: Pick<PypeError, 'code' | 'hint'>, frame: FramePath, resumed: boolean): string | undefined {
  if (code !== 'FILE_NOT_FOUND' || frame.length === 0 || !resumed) return hint
  return 'a resume goes through the list that the run began with: put the file back, or start without --resume, which makes a new list'
}
