import type { Command } from 'commander'
import { nearest, PypeError } from '../core/errors.js'
import { quoteWord } from '../core/quote-word.js'
import { commandInstead } from './other-commands.js'

/** The error for a word that is not the name of a command. */
export function unknownCommand(word: string, known: Iterable<string>): PypeError {
  return new PypeError('USAGE', `There is no command "${word}".`, {
    hint: hintForCommand(word, known),
  })
}

function hintForCommand(word: string, known: Iterable<string>): string {
  const otherwise = '`pype --help` shows all commands'
  if (/\.ya?ml$|\//i.test(word)) return `to run it: \`${['pype', 'run', word].map(quoteWord).join(' ')}\`; ${otherwise}`
  const instead = commandInstead(word)
  return instead === undefined ? hintFor(nearest(word, known), otherwise) : `\`${instead}\` does that; ${otherwise}`
}

/** What the parser of a command line says is wrong with the call of `command`, with the nearest word that it knows. */
export function toUsageError(text: string, command: Command): PypeError {
  const name = nameOf(command)
  const help = command.commands.length > 0 ? `\`${name} --help\` shows its commands` : `\`${name} --help\` shows its options`
  // What it suggests itself stands on a line of its own.
  const [said = ''] = text.replace(/^error: /, '').split('\n')
  const [, kind, word = ''] = /^unknown (option|command) '(.*)'$/.exec(said) ?? []
  if (kind === 'command')
    return new PypeError('USAGE', `\`${name}\` has no command "${word}".`, { hint: hintFor(nearest(word, namesOf(command)), help) })
  if (kind === 'option')
    return new PypeError('USAGE', `\`${name}\` has no option ${word}.`, { hint: hintFor(nearestOption(word, command), help) })
  return new PypeError('USAGE', `\`${name}\`: ${said.replace(/\.$/, '')}.`, { hint: help })
}

/** As it is called: `pype new flow`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}

function namesOf(command: Command): string[] {
  return command.commands.map((each) => each.name())
}

function nearestOption(word: string, command: Command): string | undefined {
  const names = [...command.options.flatMap(({ long }) => long ?? []), '--help'].map((long) => long.slice(2))
  const near = nearest(word.replace(/^-+/, '').replace(/=.*$/, ''), names)
  return near === undefined ? undefined : `--${near}`
}

function hintFor(near: string | undefined, otherwise: string): string {
  return near === undefined ? otherwise : `did you mean "${near}"? ${otherwise}`
}
