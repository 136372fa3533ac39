/** Whether a failure leaves a commit open that has begun: nothing else of the run may go on before it is settled. */
export function leavesCommitOpen({ code }: { readonly code: string }): boolean {
  return code === 'COMMIT_UNFINISHED' || code === 'COMMIT_PARTIAL'
}
