import { type ControlConnection, type Dag, nameConnection } from '../../../core/dag.js'
import { PypeError } from '../../../core/errors.js'
import { type FramePath, nameInFrame } from '../../../core/frame.js'
import type { Json } from '../../../core/json.js'
import type { Engine, TypedValue } from '../../../engine/engine.js'
import type { Row } from '../../../sdk/artifact.js'
import type { Column } from '../../../sdk/relation.js'
import type { BoundaryArtifact } from '../../artifacts/boundary-file.js'
import { openBoundary } from '../../artifacts/boundary-file.js'
import type { LoopPlace } from '../../scheduling/plan-walk.js'
import type { Iteration, LoopItem } from '../../templating/iteration.js'

/** The list of a loop: what a node published, or the rows of its first output port. */
export type LoopList = readonly Json[] | { readonly artifact: BoundaryArtifact }

/** What the items of loops come from. */
export interface LoopItemsDeps {
  readonly dag: Dag
  readonly engine: Engine
  readonly boundaryArtifact: (node: string, port: string, frame: FramePath) => BoundaryArtifact | undefined
  readonly signal: AbortSignal
}

interface OpenList {
  readonly items: AsyncIterator<LoopItem>
  /** Index of the item that comes next. */
  next: number
  /** Resolves when the items that were asked for before have been read. */
  read: Promise<unknown>
}

/** The lists of the loops that are being walked, and the items of the passes that are open. Rows are read as they are needed. */
export class LoopItems {
  readonly #deps: LoopItemsDeps
  readonly #published = new Map<string, readonly Json[]>()
  readonly #lists = new Map<string, OpenList>()
  readonly #iterations = new Map<string, Iteration>()
  readonly #givers: ReadonlySet<string>
  /** Givers of more than one list each: what they published stays until the frame that they are in has ended. */
  readonly #repeatedGivers: readonly string[]
  readonly #firstPorts: ReadonlyMap<string, string | undefined>

  constructor(deps: LoopItemsDeps) {
    this.#deps = deps
    const givers = deps.dag.control.filter(({ type }) => type === 'iterate').map(({ from }) => from)
    this.#givers = new Set(givers)
    this.#repeatedGivers = givers.filter((giver, index) => givers.indexOf(giver) !== index)
    this.#firstPorts = new Map(deps.dag.nodes.map(({ id, output_ports }) => [id, output_ports[0]]))
  }

  /** Takes what the nodes of a sub flow published, where a loop needs it. */
  publish(frame: FramePath, items: { readonly [node: string]: readonly Json[] }): void {
    for (const [node, list] of Object.entries(items)) {
      if (this.#givers.has(node)) this.#published.set(nameInFrame(node, frame), list)
    }
  }

  /** The whole list of a loop; `frame` is the one that the loop stands in. Throws NO_LIST when its node gave none. */
  find({ connection: { from } }: LoopPlace, frame: FramePath): LoopList {
    const published = this.#published.get(nameInFrame(from, frame))
    if (published !== undefined) return published
    const port = this.#firstPorts.get(from)
    const artifact = port === undefined ? undefined : this.#deps.boundaryArtifact(from, port, frame)
    if (artifact !== undefined) return { artifact }
    throw new PypeError('NO_LIST', `The node ${from} gave no list to iterate over.`, {
      node: nameInFrame(from, frame),
      hint: 'its module calls setItems with a list, or has an output port whose rows are the items',
    })
  }

  /** Opens a list that was found or recorded; returns the number of its items. */
  open({ connection }: LoopPlace, frame: FramePath, list: LoopList): number {
    const items = 'artifact' in list ? this.#readRows(list.artifact) : listItems(list)
    this.#lists.set(nameOf(connection, frame), { items, next: 0, read: Promise.resolve() })
    return 'artifact' in list ? list.artifact.rows : list.length
  }

  /** Makes the item of a pass known. Passes begin in the order of their indexes; those that a resume leaves out are skipped. */
  async beginFrame({ connection }: LoopPlace, pass: FramePath): Promise<void> {
    const list = this.#lists.get(nameOf(connection, pass.slice(0, -1)))
    const index = pass.at(-1) ?? 0
    if (list === undefined || list.next > index) throw new PypeError('INTERNAL', `Item ${index} of a loop was asked for out of turn.`)
    const skipped = index - list.next
    list.next = index + 1
    const reading = list.read.then(() => readAfter(list.items, skipped))
    // Its failure is that of this pass.
    list.read = reading.catch(() => undefined)
    const { value, done } = await reading
    if (done === true) throw new PypeError('INTERNAL', `The list of a loop ended before its item ${index}.`)
    this.#iterations.set(nameOf(connection, pass), { item: value, index })
  }

  endFrame({ connection }: LoopPlace, pass: FramePath): void {
    this.#iterations.delete(nameOf(connection, pass))
    for (const giver of this.#repeatedGivers) this.#published.delete(nameInFrame(giver, pass))
  }

  /** Forgets a list. */
  async close({ connection }: LoopPlace, frame: FramePath): Promise<void> {
    const name = nameOf(connection, frame)
    await this.#lists.get(name)?.items.return?.()
    this.#lists.delete(name)
    if (!this.#repeatedGivers.includes(connection.from)) this.#published.delete(nameInFrame(connection.from, frame))
  }

  /** The passes that a sub flow in a frame is in, the innermost first. */
  around(loop: LoopPlace | undefined, frame: FramePath): Iteration[] {
    const iterations: Iteration[] = []
    for (let each: LoopPlace | undefined = loop; each !== undefined; each = each.outer) {
      const iteration = this.#iterations.get(nameOf(each.connection, frame.slice(0, each.depth)))
      if (iteration !== undefined) iterations.push(iteration)
    }
    return iterations
  }

  async *#readRows(artifact: BoundaryArtifact): AsyncGenerator<LoopItem> {
    const { engine, signal } = this.#deps
    const toItem = createRowReader(artifact.columns)
    for await (const row of engine.rows(openBoundary(engine, artifact), signal)) yield toItem(row)
  }
}

async function readAfter(items: AsyncIterator<LoopItem>, skipped: number): Promise<IteratorResult<LoopItem>> {
  for (let i = 0; i < skipped; i++) await items.next()
  return items.next()
}

async function* listItems(list: readonly Json[]): AsyncGenerator<LoopItem> {
  for (const value of list) yield { kind: 'json', value }
}

/** Reads rows of these columns as items of a loop. */
export function createRowReader(columns: readonly Column[]): (row: Row) => LoopItem {
  const types = new Map(columns.map((column) => [column.name, column]))
  return (row) => ({
    kind: 'row',
    fields: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toField(types.get(name), value)])),
  })
}

/** A value of a stored row: what JavaScript has no exact value for is its text already, and what is nested is JSON. */
function toField(column: Column | undefined, value: unknown): TypedValue {
  const type = column?.type ?? 'VARCHAR'
  const isNested = /[[(]/.test(type) && !/^(DECIMAL|ENUM)/.test(type)
  return { type: isNested ? 'JSON' : type, text: value === null ? null : String(value) }
}

function nameOf(connection: ControlConnection, frame: FramePath): string {
  return nameInFrame(nameConnection(connection), frame)
}
