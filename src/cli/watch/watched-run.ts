/** Set for a run that `pype run --watch` has started: the two talk over the channel between them. */
export const WATCHED = 'PYPE_WATCHED'
/** What the run says when the job is up to date. */
export const BUILT = 'built'
/** What the watch says to cancel the run. */
export const CANCEL = 'cancel'
/** What the watch says to end a run at once that is being cancelled. */
export const STOP = 'stop'

/** Tells the watch that the job is built. */
export function tellBuilt(): void {
  if (isWatched()) process.send?.(BUILT)
}

/**
 * Hears the watch; `stop` ends the process at once. To be told to cancel does nothing for a run that Ctrl-C has cancelled already: on a terminal both get it, and it is no second one.
 * A run whose watch is gone is cancelled too.
 */
export function hearWatch(controller: AbortController, stop: () => void): void {
  if (!isWatched()) return
  const cancel = () => controller.abort()
  process.on('message', (message) => {
    if (message === CANCEL) cancel()
    if (message === STOP) stop()
  })
  process.on('disconnect', cancel)
  // The channel alone is no reason to go on.
  process.channel?.unref()
}

/** Whether a watch has started this run. Then a signal may come twice, from the terminal and by way of the watch; only the watch hears one that means: at once. */
export function isWatched(): boolean {
  return process.env[WATCHED] === '1' && process.connected
}
