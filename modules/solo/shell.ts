/** Runs a command. */
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { defineModule, PypeError, type ShellText } from 'pypeline/sdk'
import { LineReader } from '../_line-reader.js'
import { OutputTail } from '../_output-tail.js'
import { type CommandEnd, runCommand } from '../_run-command.js'

export default defineModule({
  name: 'shell',
  type: 'solo',
  version: '1.0.0',
  description:
    'Runs a command. Its output goes into the log line by line; a cancel or the timeout ends it with all that it has started. It may run more than once: a retry sees PYPE_ATTEMPT.',
  category: 'Control',
  inputPorts: [],
  outputPorts: [],
  globals: {
    exit_code: { type: 'int', description: 'Exit code of the command.' },
    stdout: {
      type: 'str',
      description: 'What it wrote to stdout, without the ends of lines at the end; of more than 64 KiB the last lines.',
    },
    stderr: { type: 'str', description: 'The same of stderr.' },
    duration: { type: 'float', description: 'Seconds that it took.' },
  },
  packages: [],
  config: {
    required: {
      command: {
        type: ['command', 'list'],
        of: 'str',
        description:
          'A text for `sh -c`, where a template is one word and never code; or a list of program and arguments, run without a shell.',
        example: 'gzip -k "{{context.folder}}/orders.csv"',
      },
    },
    optional: {
      cwd: { type: 'path', description: 'Folder to run in; relative to that of the run, which is the default.', example: 'data' },
      env: {
        type: 'dict',
        of: 'secret',
        description: 'Variables over the environment of the run. Names that begin with PYPE_ are taken.',
        example: { LANG: 'C.UTF-8' },
      },
      stdin: { type: 'str', description: 'Text that the command reads; nothing by default.', example: '{{context.note}}' },
      timeout: {
        type: 'float',
        min: 0.001,
        description: 'Seconds after which it is ended, and the sub flow fails. Default: none.',
        example: 600,
      },
      ok_codes: { type: 'list', of: 'int', description: 'Exit codes that are no failure.', example: [0, 1], default: [0] },
    },
  },
  check: ({ command, env }) => [
    ...(Array.isArray(command) && command.length === 0 ? [NO_WORDS] : []),
    ...findNameFaults(Object.keys(typeof env === 'object' && env !== null ? env : {})),
  ],
  run: async (_, ctx) => {
    const { command, stdin, timeout, ok_codes: okCodes } = ctx.config
    const cwd = path.resolve(ctx.cwd, ctx.config.cwd ?? '.')
    await checkFolder(cwd)
    const [file, ...args] = wordsOf(command)
    if (file === undefined) throw new PypeError('CONFIG_INVALID', `${NO_WORDS}.`)
    for (const fault of findNameFaults(Object.keys(ctx.config.env ?? {}))) throw new PypeError('CONFIG_INVALID', `${fault}.`)
    const tails = { stdout: new OutputTail(TAIL), stderr: new OutputTail(TAIL) }
    const lines = {
      stdout: new LineReader(LONGEST_LINE, ctx.mask, (line) => ctx.logger.info(line, { stream: 'stdout' })),
      stderr: new LineReader(LONGEST_LINE, ctx.mask, (line) => ctx.logger.warn(line, { stream: 'stderr' })),
    }
    ctx.signal.throwIfAborted()
    ctx.actOutside()
    const begun = performance.now()
    let end: CommandEnd
    try {
      end = await runCommand({
        file,
        args,
        cwd,
        env: {
          ...definedOf(ctx.env),
          PYPE_RUN_ID: ctx.runId,
          PYPE_NODE: ctx.nodeId.split('#', 1)[0] ?? '',
          PYPE_FRAME: ctx.frame,
          PYPE_DATE: ctx.date,
          PYPE_ATTEMPT: String(ctx.attempt),
          PYPE_RESUMED: ctx.resumed ? '1' : '0',
          ...ctx.config.env,
          ...('text' in command ? command.variables : {}),
        },
        stdin,
        timeoutSeconds: timeout,
        signal: ctx.signal,
        onData: (stream, chunk) => {
          tails[stream].push(chunk)
          lines[stream].push(chunk)
        },
      })
    } catch (error) {
      throw toStartError(error, file)
    } finally {
      for (const reader of Object.values(lines)) reader.end()
    }
    ctx.signal.throwIfAborted()
    if (end.leftOpen)
      ctx.logger.warn('The command has ended, and left a process behind that holds its output; what it writes from now on is lost.')
    // Masked before they are cut, here and for the message.
    const stderr = ctx.mask(tails.stderr.text(ctx.mask))
    // Before anything fails, so that what stands behind an `error` connection has them too.
    if (end.code !== null) ctx.setGlobal('exit_code', end.code)
    ctx.setGlobal('stdout', tails.stdout.text(ctx.mask))
    ctx.setGlobal('stderr', stderr)
    ctx.setGlobal('duration', (performance.now() - begun) / 1000)
    if (end.stopped === 'timeout') {
      throw new PypeError('COMMAND_TIMEOUT', `The command was ended after its timeout of ${timeout} s${lastLines(stderr)}.`, {
        hint: 'raise timeout, or look in the log at what it was doing',
      })
    }
    checkEnd(end, okCodes, stderr)
    for (const [name, tail] of Object.entries(tails)) {
      if (tail.isCut) ctx.logger.info(`The global ${name} has only the end of the ${tail.bytes} bytes that were written.`)
    }
  },
})

/** Bytes of each stream that are kept for the globals. */
const TAIL = 64 * 1024
/** Bytes of a line that go into the log. */
const LONGEST_LINE = 16 * 1024
const NO_WORDS = 'command has no program: the list is empty'

function wordsOf(command: ShellText | readonly string[]): readonly string[] {
  return 'text' in command ? ['/bin/sh', '-c', command.text] : command
}

function findNameFaults(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return [`env has the name ${JSON.stringify(name)}, which is none of a variable`]
    return name.startsWith('PYPE_') ? [`env has the name ${name}, and names that begin with PYPE_ are taken`] : []
  })
}

async function checkFolder(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined)
  if (found?.isDirectory()) return
  throw new PypeError(
    'FILE_NOT_FOUND',
    `The folder ${cwd}, where the command is to run, ${found === undefined ? 'does not exist' : 'is no folder'}.`,
    {
      hint: 'mend cwd; a relative one starts at the folder where the run was called',
    },
  )
}

function definedOf(env: { readonly [name: string]: string | undefined }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function toStartError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const known: { readonly [code: string]: readonly [what: string, hint: string] } = {
    ENOENT: ['was not found', 'check its name and PATH; in a list each word stands alone: [gzip, -k, file.csv]'],
    EACCES: ['may not be executed', 'check its rights: chmod +x'],
    ENOEXEC: ['is no program', 'a script begins with a line such as #!/bin/sh'],
    E2BIG: ['got more than the system hands to a program', 'hand large values over by stdin, or in a file'],
    ERR_INVALID_ARG_VALUE: ['has a word or a variable with a NUL character', 'take it out'],
  }
  const [what, hint] = known[String(error.code)] ?? [`could not be started: ${error.message}`, 'see what the system says']
  return new PypeError('COMMAND_FAILED', `The command ${file} ${what}.`, { hint, cause: error })
}

function checkEnd({ code, signal }: CommandEnd, okCodes: readonly number[], stderr: string): void {
  if (code !== null && okCodes.includes(code)) return
  if (code === null) {
    throw new PypeError('COMMAND_FAILED', `The command was ended by ${signal}${lastLines(stderr)}.`, {
      hint: signal === 'SIGKILL' ? 'somebody ended it; the system does so when memory runs out' : 'its output is in the log',
    })
  }
  throw new PypeError('COMMAND_FAILED', `The command ended with exit code ${code}${lastLines(stderr)}.`, { hint: hintFor(code) })
}

function hintFor(code: number): string {
  if (code === 127) return 'a program was not found: check its name and PATH; a template is one word, not a command line'
  if (code === 126) return 'a file may not be executed: check its rights'
  return 'its output is in the log; codes that are no failure go into ok_codes'
}

/** The end of stderr, for a message. */
function lastLines(stderr: string): string {
  const text = stderr.trimEnd().split('\n').slice(-5).join('\n').slice(-1000)
  return text === '' ? '' : `: ${text.replace(/\.$/, '')}`
}
