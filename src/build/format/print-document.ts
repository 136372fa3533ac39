import {
  Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  type ScalarTag,
  type Tags,
  visit,
} from 'yaml'

/** A list or a map in brackets that is longer than this is written over several lines, without them. */
const LONGEST = 120
const FOLDED = 100

/** Numbers keep the text that they were written with: a config that takes a text gets `012` and `1.10` as they are. */
export function keepNumbers(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || !isScalarTag(tag) || tag.stringify === undefined) return tag
    const { stringify } = tag
    if (tag.tag === 'tag:yaml.org,2002:int' || tag.tag === 'tag:yaml.org,2002:float')
      return { ...tag, stringify: (item: Scalar, ...rest) => item.source ?? stringify(item, ...rest) }
    if (tag.tag !== 'tag:yaml.org,2002:str') return tag
    // Only what was folded is folded.
    return {
      ...tag,
      stringify: (item: Scalar, ctx, ...rest) =>
        stringify(item, item.type === 'BLOCK_FOLDED' ? { ...ctx, options: { ...ctx.options, lineWidth: FOLDED } } : ctx, ...rest),
    }
  })
}

function isScalarTag(tag: object): tag is ScalarTag {
  return !('collection' in tag)
}

/** Writes a document in the one layout: two blanks of indentation, `{ a: 1 }` and `[1, 2]` where they fit, at most one empty line. */
export function printDocument(document: Document): string {
  if (isNode(document.contents)) openLong(document.contents, document)
  padBrackets(document)
  writeShortKeys(document)
  return document.toString({ lineWidth: 0, indent: 2 })
}

/** Takes the brackets off what is too long for a line, or has comments in it. */
function openLong(node: Node, document: Document): void {
  if (!isCollection(node)) return
  if (node.flow === true) {
    if (node.items.length > 0 && !fitsLine(node, document)) node.flow = false
    else return
  }
  for (const item of node.items) {
    if (isPair(item)) {
      if (isNode(item.value)) openLong(item.value, document)
    } else if (isNode(item)) openLong(item, document)
  }
}

function fitsLine(node: Node, { schema }: Document): boolean {
  let hasAlias = false
  visit(new Document(node), (_, each) => {
    hasAlias ||= isAlias(each)
  })
  // An alias cannot be written without what it stands for; those that have some stay as they are.
  if (hasAlias) return true
  const alone = new Document(node, { schema: schema.name })
  alone.schema = schema
  const text = alone.toString({ lineWidth: 0 }).trimEnd()
  return text.length <= LONGEST && !text.includes('\n')
}

/** A key over several lines, behind a `?`, becomes one in quotes. */
function writeShortKeys(document: Document): void {
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && (key.type === 'BLOCK_FOLDED' || key.type === 'BLOCK_LITERAL')) key.type = 'QUOTE_DOUBLE'
    },
  })
}

/** Blanks inside of braces, and none inside of brackets. */
export function padBrackets(document: Document): void {
  visit(document, {
    Collection(_, node) {
      const padding = isMap(node) ? ' ' : ''
      const print = node.toString.bind(node)
      if (isMap(node) || isSeq(node))
        node.toString = (ctx, ...rest) => print(ctx === undefined ? undefined : { ...ctx, flowCollectionPadding: padding }, ...rest)
    },
  })
}
