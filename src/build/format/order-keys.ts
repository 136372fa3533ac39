import { type Document, isMap, isNode, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml'

const TOP = ['flow', 'settings', 'modules', 'connections']
const FLOW = ['name', 'desc', 'version', 'authors', 'created']
const MODULE = ['id', 'name', 'configs', 'misc']
const GROUPS = ['required', 'optional']
const CONNECTIONS = ['data', 'control']
const LONG_FORM = ['from', 'to', 'order', 'type', 'concurrency', 'if']

/** Puts the keys of a flow file into the order in which the reference of the flow language has them. Those of settings, configs and misc stay as they are. */
export function orderKeys(document: Document): void {
  const top = document.contents
  if (!isMap(top)) return
  keepHead(document, top)
  orderMap(top, TOP)
  orderMap(top.get('flow'), FLOW)
  for (const module of itemsOf(top.get('modules'))) {
    orderMap(module, MODULE)
    if (isMap(module)) orderMap(module.get('configs'), GROUPS)
  }
  const connections = top.get('connections')
  orderMap(connections, CONNECTIONS)
  if (isMap(connections)) for (const connection of itemsOf(connections.get('control'))) orderMap(connection, LONG_FORM)
}

/** What stands above the first key and an empty line is about the file, and so is a line for editors. */
function keepHead(document: Document, { items: [first] }: YAMLMap): void {
  const key = first?.key
  if (!isNode(key) || typeof key.commentBefore !== 'string' || typeof document.commentBefore === 'string') return
  const lines = key.commentBefore.split('\n')
  const head = Math.max(lines.lastIndexOf('') + 1, lines.findLastIndex((line) => /^ yaml-language-server:/.test(line)) + 1)
  if (head === 0) return
  document.commentBefore = lines.slice(0, head).join('\n').trimEnd()
  key.commentBefore = head < lines.length ? lines.slice(head).join('\n') : null
}

function itemsOf(value: unknown): readonly unknown[] {
  return isSeq(value) ? value.items : []
}

/** Keys that are not known come last, as they were. A comment goes with the key that it stands above. */
function orderMap(map: unknown, order: readonly string[]): void {
  if (!isMap(map)) return
  const rank = (pair: Pair) => {
    const at = isScalar(pair.key) ? order.indexOf(String(pair.key.value)) : -1
    return at < 0 ? order.length : at
  }
  const sorted = map.items.toSorted((a, b) => rank(a) - rank(b))
  const [first] = map.items
  if (first === undefined || sorted[0] === first) {
    map.items = sorted
    return
  }
  moveHeadComment(map, first)
  map.items = sorted
  liftHeadComment(map, sorted[0])
  // Only what stands between two keys is kept apart by an empty line.
  const [newFirst] = sorted
  if (isNode(newFirst?.key) && newFirst.key.spaceBefore === true) {
    newFirst.key.spaceBefore = false
    if (isNode(first.key)) first.key.spaceBefore = true
  }
}

/** A comment above the first key stands above its map: before the dash of a list. */
function liftHeadComment(map: YAMLMap, first: Pair | undefined): void {
  const key = first?.key
  if (map.flow === true || !isNode(key) || typeof key.commentBefore !== 'string' || typeof map.commentBefore === 'string') return
  map.commentBefore = key.commentBefore
  key.commentBefore = null
}

/** The parser takes a comment above the first key for one of the whole map. */
function moveHeadComment(map: YAMLMap, first: Pair): void {
  if (map.commentBefore === undefined || map.commentBefore === null || !isNode(first.key)) return
  const own = first.key.commentBefore
  first.key.commentBefore = own === undefined || own === null ? map.commentBefore : `${map.commentBefore}\n${own}`
  map.commentBefore = null
}
