/** The output of a command apart from that of others who write in the same process. */
export interface OwnStdout {
  /** Writes to stdout. */
  readonly write: (text: string) => void
  /** Lets all others write to stdout again. */
  readonly release: () => void
}

/**
 * Has what others write to stdout, such as the `console.log` of a module, go to stderr: on stdout are results, which other programs read. They are
 * written by the function that is returned.
 */
export function divertStdout(): OwnStdout {
  const { stdout, stderr } = process
  const own = stdout.write
  stdout.write = ((...given: Parameters<typeof stderr.write>) => stderr.write(...given)) as typeof own
  return {
    write: (text) => own.call(stdout, text),
    release: () => {
      stdout.write = own
    },
  }
}
