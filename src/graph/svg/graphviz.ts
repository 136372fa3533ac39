import type { Graphviz } from '@hpcc-js/wasm-graphviz'
import { isObject } from '../../core/json.js'

/** A place in a picture: pixels from the left and from the top. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** A rectangle by its corner on the top left. */
export interface Rect extends Point {
  readonly width: number
  readonly height: number
}

/** What Graphviz has laid out, by the names that the text has given. Edges by their numbers: Bézier curves with the middle of their labels. */
export interface LaidOut {
  readonly width: number
  readonly height: number
  /** The middles of nodes. */
  readonly nodes: ReadonlyMap<string, Point>
  readonly clusters: ReadonlyMap<string, Rect>
  readonly edges: readonly { readonly curve: readonly Point[]; readonly label: Point | undefined }[]
}

/** Lays a graph out that is written in the DOT language, with an `id` of `0`, `1`, … for each edge that is asked for. */
export type LayOut = (dot: string) => LaidOut

let loaded: Promise<Graphviz> | undefined

/** Graphviz as WebAssembly: 0.8 MB, loaded when a picture is asked for. */
export async function openGraphviz(): Promise<LayOut> {
  loaded ??= import('@hpcc-js/wasm-graphviz').then((module) => module.Graphviz.load())
  const graphviz = await loaded
  return (dot) => readLayout(JSON.parse(graphviz.layout(dot, 'json', 'dot')))
}

function readLayout(json: unknown): LaidOut {
  if (!isObject(json)) throw new TypeError('Graphviz gave no layout')
  const [, , width = 0, height = 0] = readNumbers(json['bb'])
  const flip = (x = 0, y = 0): Point => ({ x, y: height - y })
  const nodes = new Map<string, Point>()
  const clusters = new Map<string, Rect>()
  for (const object of listOf(json['objects'])) {
    const name = String(object['name'])
    if (typeof object['pos'] === 'string') nodes.set(name, flip(...readNumbers(object['pos'])))
    const [x0, y0, x1, y1] = readNumbers(object['bb'])
    if (x0 !== undefined && y0 !== undefined && x1 !== undefined && y1 !== undefined)
      clusters.set(name, { x: x0, y: height - y1, width: x1 - x0, height: y1 - y0 })
  }
  const edges: LaidOut['edges'][number][] = []
  for (const edge of listOf(json['edges'])) {
    if (edge['id'] === undefined) continue
    const curve = String(edge['pos'])
      .split(' ')
      .map((pair) => flip(...readNumbers(pair)))
    edges[Number(edge['id'])] = { curve, label: typeof edge['lp'] === 'string' ? flip(...readNumbers(edge['lp'])) : undefined }
  }
  return { width, height, nodes, clusters, edges }
}

function listOf(value: unknown): { readonly [key: string]: unknown }[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function readNumbers(value: unknown): number[] {
  return typeof value === 'string' ? value.split(',').map(Number) : []
}
