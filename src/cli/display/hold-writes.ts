/** A stream of the process, as far as its writes are held. */
interface Written {
  readonly isTTY?: boolean
  write: NodeJS.WriteStream['write']
}

/**
 * Hands what anybody writes to terminals, such as the `console.log` of a module, to `print`, line by line, so that it does not stand in the midst
 * of a tree. The returned function lets the streams go again.
 */
export function holdWrites(streams: readonly Written[], print: (text: string) => void): () => void {
  const releases = streams.filter(({ isTTY }) => isTTY === true).map((stream) => holdStream(stream, print))
  return () => {
    for (const release of releases) release()
  }
}

function holdStream(stream: Written, print: (text: string) => void): () => void {
  const own = stream.write
  let rest = ''
  const write = (chunk: Uint8Array | string, ...others: readonly unknown[]): boolean => {
    rest += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    const end = rest.lastIndexOf('\n') + 1
    if (end > 0) print(rest.slice(0, end))
    rest = rest.slice(end)
    const called = others.find((other) => typeof other === 'function')
    if (called !== undefined) process.nextTick(called as () => void)
    return true
  }
  stream.write = write
  return () => {
    stream.write = own
    if (rest !== '') own.call(stream, rest)
  }
}
