/** A statement without what differs between runs: ids, tokens, snapshots and numbers. */
export function kindOfStatement(statement: string): string {
  return statement.replaceAll(/[0-9a-fA-F-]{16,}|\d+/g, '').trim()
}
