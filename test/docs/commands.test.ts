import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.js'

/** `npm run docs` writes the page anew: it runs this test with --update. */
test('docs/commands.md has the help of every command', async () => {
  const { commands } = await createProgram([])
  const shown = commands.filter((command) => !isHidden(command)).flatMap((command) => [command, ...command.commands])
  expect(shown.length).toBeGreaterThan(10)
  await expect(formatCommands(shown)).toMatchFileSnapshot('../../docs/commands.md')
})

test('the help of every command has examples, and each of them calls it', async () => {
  const { commands } = await createProgram([])
  for (const command of commands.filter((each) => !isHidden(each)).flatMap((each) => [each, ...each.commands])) {
    const [, examples = ''] = helpOf(command).split(/\nExamples?:\n/)
    expect(examples, nameOf(command)).toMatch(new RegExp(`^ {2}\\$ .*\\b${nameOf(command)}\\b`, 'm'))
  }
})

function formatCommands(commands: readonly Command[]): string {
  const parts = commands.map((command) => `\n## ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command).trimEnd()}\n\`\`\`\n`)
  return `# Commands

What \`pype COMMAND --help\` prints, for every command. Results go to stdout, everything else to stderr; the [README](../README.md#commands) has the exit codes.
This page is written by \`npm run docs\`.

${commands.map((command) => `* [\`${nameOf(command)}\`](#${nameOf(command).replaceAll(' ', '-')}): ${command.description()}`).join('\n')}
${parts.join('')}`
}

/** As it is called: `pype new flow`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}

/** The help as it is printed, with what the command has added to it. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 120,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text
}

/** Commands for programs, which the help of pype leaves out. */
function isHidden(command: Command): boolean {
  return 'hidden' in command ? command.hidden === true : '_hidden' in command && command._hidden === true
}
