/**
 * The words of SQL that mean a column only in double quotes. A test holds the list to the engine's own, which is not asked
 * because that takes an engine.
 */
const RESERVED_WORDS: ReadonlySet<string> = new Set([
  ...'all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check'.split(' '),
  ...'collate collation column columns concurrently constraint create cross default deferrable desc describe'.split(' '),
  ...'distinct do else end except false fetch for foreign freeze from full generated glob group having ilike in'.split(' '),
  ...'initially inner intersect into is isnull join lambda lateral leading left like limit map natural not notnull'.split(' '),
  ...'null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional primary qualify'.split(' '),
  ...'references returning right select semi show similar some struct summarize symmetric table tablesample then to'.split(' '),
  ...'trailing true try_cast union unique unpack unpivot using variadic verbose when where window with'.split(' '),
])

/** Whether a name, as it is written, is a word of SQL. */
export function isReservedWord(name: string): boolean {
  return RESERVED_WORDS.has(name.toLowerCase())
}
