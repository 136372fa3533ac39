/** Groups of processes that were started here and whose leader has not ended. */
const alive = new Set<number>()

/** Marks a group as one that must not outlive this process, however it exits. */
export function keepGroup(leader: number): void {
  // One listener for all: each would count as a leak from the eleventh on.
  if (alive.size === 0) process.on('exit', killAll)
  alive.add(leader)
}

/** The leader has ended, and what is left of its group may go on. */
export function releaseGroup(leader: number): void {
  alive.delete(leader)
  if (alive.size === 0) process.off('exit', killAll)
}

/** Asks all processes of a group to end, and ends those that are still there after `graceMs`. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs
  for (let lives = signalGroup(leader, 'SIGTERM'); lives; lives = signalGroup(leader, 0)) {
    if (performance.now() >= until) {
      signalGroup(leader, 'SIGKILL')
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Whether there was a process to signal. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal)
  } catch {
    // The group is gone, or (on macOS) only unreaped processes are left of it.
    return false
  }
}

function killAll(): void {
  for (const leader of alive) signalGroup(leader, 'SIGKILL')
}
