import { messageOf } from '../../../core/errors.js'
import type { RunContext } from '../../../sdk/context.js'
import type { ExecutorDeps } from '../executor-deps.js'

/** Calls `setup` once per node before its first run, and `teardown` of all of them at the end. */
export class ModuleLife {
  readonly #deps: Pick<ExecutorDeps, 'definitions' | 'createLogger'>
  readonly #ready = new Map<string, { readonly done: Promise<void>; readonly ctx: RunContext }>()

  constructor(deps: Pick<ExecutorDeps, 'definitions' | 'createLogger'>) {
    this.#deps = deps
  }

  /** Resolves when the node's module has been set up; all frames and attempts share one setup. */
  setUp(node: string, ctx: RunContext): Promise<void> {
    const known = this.#ready.get(node)
    if (known !== undefined) return known.done
    const definition = this.#deps.definitions.get(node)
    if (definition?.setup === undefined && definition?.teardown === undefined) return Promise.resolve()
    const done = (async () => definition.setup?.(ctx))()
    this.#ready.set(node, { done, ctx })
    return done
  }

  /** Tears all nodes down, the last one first. A failure is logged and keeps nothing back. */
  async tearDown(): Promise<void> {
    for (const [node, { done, ctx }] of [...this.#ready].reverse()) {
      await done.catch(() => undefined)
      try {
        await this.#deps.definitions.get(node)?.teardown?.(ctx)
      } catch (error) {
        this.#deps.createLogger(node, []).error(`teardown failed: ${messageOf(error)}`)
      }
    }
    this.#ready.clear()
  }
}
