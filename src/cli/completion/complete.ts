import type { Command, Option } from 'commander'
import { completeArgument, completeOption } from './candidates.js'
import type { Candidates, Typed } from './typed.js'

/**
 * What could stand where the cursor is. `words` are those behind the name of the program, up to the cursor: the last one is being typed, and may be empty.
 * Undefined: a path, which the shell completes by itself.
 */
export async function completeLine(program: Command, words: readonly string[], cwd: string): Promise<Candidates | undefined> {
  // A shell may take `--format=svg` for three words.
  const line = words.filter((word, i) => word !== '=' || i === words.length - 1)
  const current = line.at(-1) === '=' ? '' : (line.at(-1) ?? '')
  const before = line.slice(0, -1)
  const { command, words: behind } = findCommand(program, before)
  if (command.commands.length > 0)
    return behind.length > 0 ? [] : filter(current.startsWith('-') ? listOptions(command) : listCommands(command), current)
  const typed = readTyped(command, behind)
  const [, long, begun] = /^(--[\w-]+)=(.*)$/.exec(current) ?? []
  if (long !== undefined && begun !== undefined) {
    const found = await completeOption(long, { ...typed, current: begun }, cwd)
    return found && filter(found, begun).map(({ value, ...rest }) => ({ value: `${long}=${value}`, ...rest }))
  }
  if (typed.open !== undefined && !(typed.open.optional && current.startsWith('-'))) {
    const found = await completeOption(typed.open.long ?? '', { ...typed, current }, cwd)
    return found && filter(found, current)
  }
  if (current.startsWith('-')) return filter(listOptions(command), current)
  const argument = command.registeredArguments[typed.positional.length] ?? command.registeredArguments.find(({ variadic }) => variadic)
  if (argument === undefined) return []
  const found = await completeArgument(argument.name(), { ...typed, current }, cwd)
  return found && filter(found, current)
}

/** The command that is called, which may be one below another, and the words behind its name. */
function findCommand(command: Command, words: readonly string[]): { readonly command: Command; readonly words: readonly string[] } {
  const called = command.commands.find((each) => each.name() === words[0])
  return called === undefined ? { command, words } : findCommand(called, words.slice(1))
}

type Read = Omit<Typed, 'current'> & {
  /** The option whose value comes next. */
  readonly open: Option | undefined
}

/** Takes what stands before the cursor apart. */
function readTyped(command: Command, words: readonly string[]): Read {
  const positional: string[] = []
  const values = new Map<string, string>()
  let open: Option | undefined
  for (const word of words) {
    const [name = '', value] = word.startsWith('--') ? word.split(/=(.*)/s) : [word]
    const option = word.startsWith('-') ? command.options.find(({ short, long }) => short === name || long === name) : undefined
    if (open !== undefined && option === undefined) {
      values.set(open.long ?? '', word)
      open = undefined
    } else if (option === undefined) {
      if (!word.startsWith('-')) positional.push(word)
    } else {
      if (value !== undefined) values.set(option.long ?? '', value)
      open = value === undefined && (option.required || option.optional) ? option : undefined
    }
  }
  return { command: command.name(), positional, values, open }
}

function listCommands(program: Command): Candidates {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((each) => ({ value: each.name(), description: each.description() }))
}

function listOptions(command: Command): Candidates {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ value: long ?? short ?? '', description }))
}

function filter(candidates: Candidates, begun: string): Candidates {
  return candidates.filter(({ value }) => value.startsWith(begun))
}
