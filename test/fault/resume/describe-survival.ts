import type { Survival } from './survive.js'

/** `500 kills survived; none lost or doubled a row`, and at which steps they were. */
export function describeSurvival(all: readonly Survival[]): string {
  const steps = new Map<string, number>()
  for (const survival of all) for (const [step, count] of survival.steps) steps.set(step, (steps.get(step) ?? 0) + count)
  const kills = [...steps.values()].reduce((sum, count) => sum + count, 0)
  const most = [...steps].sort(([, a], [, b]) => b - a).map(([step, count]) => `${step} ${count}`)
  return `${kills} kills survived; none lost or doubled a row (${most.join(', ')})`
}
