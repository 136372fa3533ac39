import type { Command } from 'commander'
import { PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'

/** `pype completion SHELL`: the script by which a shell completes the command. */
export function register(program: Command): void {
  program
    .command('completion')
    .description('print the script by which bash, zsh or fish completes commands, options, jobs, flows, runs and modules')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
Examples:
  $ source <(pype completion bash)                                      in this shell; in ~/.bashrc for all
  $ source <(pype completion zsh)                                       in ~/.zshrc, behind compinit
  $ pype completion fish > ~/.config/fish/completions/pype.fish`,
    )
    .action((shell: string) => printScript(shell))
}

async function printScript(shell: string): Promise<void> {
  const { SCRIPTS } = await import('../completion/scripts.js')
  const known = Object.entries(SCRIPTS).find(([name]) => name === shell)
  if (known === undefined) {
    const names = Object.keys(SCRIPTS)
    throw new PypeError('USAGE', `There is no completion for ${shell}.`, { hint: suggestNearest(shell, names, `use ${names.join(', ')}`) })
  }
  process.stdout.write(known[1])
}
