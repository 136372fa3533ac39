import { messageOf } from '../../../core/errors.js'

/** A failure is told and no more: tokens take room, and nothing depends on them. */
export async function forgetIn(forget: () => Promise<void>, run: string, label: string, warn: (message: string) => void): Promise<void> {
  try {
    // A connection that was lost meanwhile is found out by the first statement on it.
    await forget().catch(forget)
  } catch (error) {
    warn(`The notes of ${run} about its commits stay in ${label}: ${messageOf(error)}`)
  }
}
