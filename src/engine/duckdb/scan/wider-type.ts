/** Integer types with the bits of their values. */
const INTEGERS: ReadonlyMap<string, { readonly bits: number; readonly signed: boolean }> = new Map(
  ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'].flatMap((type, i) =>
    [true, false].map((signed) => [`${signed ? '' : 'U'}${type}`, { bits: 8 * 2 ** i, signed }] as const),
  ),
)

/** Bits of the integers that a DOUBLE holds exactly. */
const DOUBLE_BITS = 53

/** Whether a type has all values of another one, so that nothing is lost on the way: BIGINT those of INTEGER, DECIMAL(12,2) those of DECIMAL(9,2). */
export function isWider(wide: string, narrow: string): boolean {
  const [to, from] = [INTEGERS.get(wide), INTEGERS.get(narrow)]
  if (wide === 'DOUBLE') return narrow === 'FLOAT' || (from !== undefined && from.bits <= DOUBLE_BITS)
  if (to !== undefined && from !== undefined) return to.bits > from.bits && (to.signed || !from.signed)
  const [decimal, other] = [readDecimal(wide), readDecimal(narrow)]
  if (decimal === undefined || other === undefined) return false
  return decimal.scale >= other.scale && decimal.whole >= other.whole
}

function readDecimal(type: string): { readonly whole: number; readonly scale: number } | undefined {
  const [, width, scale] = /^DECIMAL\((\d+),(\d+)\)$/.exec(type) ?? []
  return width === undefined ? undefined : { whole: Number(width) - Number(scale), scale: Number(scale) }
}
