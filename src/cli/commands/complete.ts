import type { Command } from 'commander'

/** `pype complete -- WORD …`: what the scripts of `pype completion` ask. It is not in the help. */
export function register(program: Command): void {
  program
    .command('complete', { hidden: true })
    .description('tell a shell what could stand where the cursor is')
    .argument('[words...]', 'the words behind the name of the program, up to the cursor')
    .action((words: readonly string[]) => complete(program, words))
}

async function complete(program: Command, words: readonly string[]): Promise<void> {
  const { completeLine } = await import('../completion/complete.js')
  const found = await completeLine(program, words, process.cwd())
  const lines = (found ?? []).map(({ value, description }) => (description === undefined ? value : `${value}\t${description}`))
  process.stdout.write(`${[found === undefined ? ':files' : ':words', ...lines].join('\n')}\n`)
}
