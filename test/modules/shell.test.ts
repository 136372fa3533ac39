import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type LogLine, ModuleProject, type Ran } from './module-flow.js'

/** The lines that a command wrote to one of its streams, as the log has them. */
function streamed({ log }: Ran, stream: 'stdout' | 'stderr', node = 'run'): string[] {
  return log.filter((line: LogLine & { readonly stream?: string }) => line.node === node && line.stream === stream).map(({ msg }) => msg)
}

async function shell(configs: object, project = new ModuleProject()): Promise<Ran> {
  return project.run({ modules: { run: ['shell', configs] } })
}

/** Whether a process lives that is no zombie. */
function lives(pid: string): boolean {
  const file = `/proc/${pid.trim()}/stat`
  return existsSync(file) && !/\) Z /.test(readFileSync(file, 'utf8'))
}

test('shell publishes exit code, output and duration, and logs each line with its stream', async () => {
  const project = new ModuleProject()
  const ran = await project.run({
    modules: {
      run: ['shell', { command: 'echo one; echo; echo "zwölf  "; echo oops >&2; printf "no end\\n\\n"; exit 3', ok_codes: [0, 3] }],
      said: ['log', { message: '{{run__exit_code}}|{{run__stdout}}|{{run__stderr}}' }],
      quick: ['log', { message: 'quick' }],
    },
    control: ['run (1|) said', 'run (2|{{run__duration}} BETWEEN 0 AND 60 AND {{run__exit_code}} = 3) quick'],
  })
  expect(ran.summary.errors).toEqual([])
  expect(ran.log.filter(({ level }) => level === 'info').map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['3|one\n\nzwölf  \nno end|oops', 'quick']),
  )
  expect(streamed(ran, 'stdout')).toEqual(['one', '', 'zwölf  ', 'no end', ''])
  expect(ran.log.find(({ msg }) => msg === 'oops')?.level).toBe('warn')
})

test('shell runs in cwd with the environment of the run, its own names and those of the flow, and reads stdin', async () => {
  const project = new ModuleProject({ 'sub/x': '' })
  const { log, summary } = await project.run({
    modules: {
      run: [
        'shell',
        {
          command: 'ls; cat; echo "$NUMBER $PYPE_NODE [$PYPE_FRAME] $PYPE_ATTEMPT $PYPE_RESUMED $PYPE_DATE $PYPE_RUN_ID"',
          cwd: 'sub',
          env: { NUMBER: 12.5 },
          stdin: 'from {{flow.name}}\n',
        },
      ],
      said: ['log', { message: '{{run__stdout}} {{run.date}} {{run.id}}' }],
    },
    control: ['run (1|) said'],
  })
  const said = log.find(({ node, level }) => node === 'said' && level === 'info')?.msg
  const day = summary.date.slice(0, 10)
  expect(said).toBe(`x\nfrom flow1\n12.5 run [] 1 0 ${day} ${summary.run} ${day} ${summary.run}`)
})

test('shell takes a list as a program and its arguments, without a shell', async () => {
  const project = new ModuleProject()
  const ran = await project.run({
    modules: {
      setup: ['set_global', { values: { n: 7, nasty: '$(touch x) "; *' } }],
      run: ['shell', { command: ['printf', '<%s>\n', '{{setup__nasty}}', '{{setup__n}}', 5, ''] }],
    },
    control: ['setup (1|) run'],
  })
  expect(streamed(ran, 'stdout')).toEqual(['<$(touch x) "; *>', '<7>', '<5>', '<>'])
  expect(project.has('x')).toBe(false)
})

test('shell gets templates in a text as one word each, never as code', async () => {
  const project = new ModuleProject()
  const ran = await project.run({
    modules: {
      setup: ['set_global', { values: { nasty: '\'"; touch x; $(touch x) `touch x`\n* ' } }],
      run: ['shell', { command: 'printf "<%s>" {{setup__nasty}} "a {{setup__nasty}}" # {{setup__nasty}}\ncat <<E\n{{setup__nasty}}\nE\n' }],
      said: ['log', { message: '{{run__stdout}}' }],
    },
    control: ['setup (1|) run', 'run (1|) said'],
  })
  const nasty = '\'"; touch x; $(touch x) `touch x`\n* '
  expect(ran.log.find(({ node, level }) => node === 'said' && level === 'info')?.msg).toBe(`<${nasty}><a ${nasty}>${nasty}`)
  expect(project.has('x')).toBe(false)
})

test('a template within single quotes is an error of the build, in its place', async () => {
  const project = new ModuleProject()
  const build = project.run({ modules: { run: ['shell', { command: "echo 'on {{run.date}}'" }] } })
  await expect(build).rejects.toMatchObject({
    diagnostics: [
      { code: 'TEMPLATE_IN_COMMAND', message: expect.stringContaining('{{run.date}} stands inside single quotes'), at: { line: 1 } },
    ],
  })
  await expect(shell({ command: 'echo "a' })).rejects.toThrow(/double quotes that are not closed/)
})

test.each([
  ['ends with another code', { command: 'echo one >&2; echo two >&2; exit 4' }, 'COMMAND_FAILED', /exit code 4: one\ntwo/, /ok_codes/],
  ['ends with 0 and 0 is not among ok_codes', { command: 'true', ok_codes: [1] }, 'COMMAND_FAILED', /exit code 0/, /ok_codes/],
  ['is ended by a signal', { command: 'kill -SEGV $$' }, 'COMMAND_FAILED', /ended by SIGSEGV/, /log/],
  ['is not found by the shell', { command: 'no_such_program a' }, 'COMMAND_FAILED', /127.*not found/, /PATH/],
  ['is not found', { command: ['no_such_program', 'a'] }, 'COMMAND_FAILED', /no_such_program was not found/, /PATH/],
  ['may not be executed', { command: ['./data.txt'] }, 'COMMAND_FAILED', /data\.txt may not be executed/, /chmod/],
  ['is to run in a folder that is not there', { command: 'true', cwd: 'gone' }, 'FILE_NOT_FOUND', /gone.*does not exist/, /cwd/],
  ['is to run in a file', { command: 'true', cwd: 'data.txt' }, 'FILE_NOT_FOUND', /data\.txt.*no folder/, /cwd/],
  ['takes longer than its timeout', { command: 'echo begun >&2; sleep 60', timeout: 0.2 }, 'COMMAND_TIMEOUT', /0\.2 s: begun/, /timeout/],
  ['gets a value that is too long', { command: ['echo', 'x'.repeat(3_000_000)] }, 'COMMAND_FAILED', /more than the system/, /stdin/],
])('a command that %s fails its sub flow', async (_, configs, code, message, hint) => {
  const { summary } = await shell(configs, new ModuleProject({ 'data.txt': '' }))
  expect(summary).toMatchObject({
    status: 'failed',
    errors: [{ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint), node: 'run' }],
  })
})

test.each([
  ['an empty list', { command: [] }, 'the list is empty'],
  ['a name that is none', { command: 'true', env: { 'A=B': 'x' } }, 'none of a variable'],
  ['a name of ours', { command: 'true', env: { PYPE_NODE: 'x' } }, 'taken'],
])('shell refuses %s', async (_, configs, message) => {
  await expect(shell(configs)).rejects.toThrow(message)
})

test('the timeout ends grandchildren too, also those that ignore SIGTERM', async () => {
  const project = new ModuleProject()
  const command = `sh -c 'trap "" TERM; echo $$ > pid; echo ready; while :; do sleep 1; done' & wait`
  const { summary } = await shell({ command, timeout: 0.5 }, project)
  expect(summary.errors).toMatchObject([{ code: 'COMMAND_TIMEOUT' }])
  expect(lives(project.read('pid'))).toBe(false)
})

test('a process that a command leaves behind does not hold the run, and lives on', async () => {
  const project = new ModuleProject()
  const ran = await shell({ command: 'sleep 60 & echo $! > pid; echo done' }, project)
  const pid = project.read('pid')
  const alive = lives(pid)
  process.kill(Number(pid))
  expect(ran.summary.status).toBe('completed')
  expect(alive).toBe(true)
  expect(streamed(ran, 'stdout')).toEqual(['done'])
  expect(ran.log.some(({ level, msg }) => level === 'warn' && /left a process behind/.test(msg))).toBe(true)
})

test('a command that reads none of its input is no failure', async () => {
  const { summary } = await shell({ command: 'exec 0<&-; true', stdin: 'x'.repeat(1_000_000) })
  expect(summary.errors).toEqual([])
})

test('50 MB of output, and a line of 20 MB, are held as a bounded tail', async () => {
  const project = new ModuleProject()
  const line = 'x'.repeat(999)
  const command = `i=0; yes ${line} | head -c 30000000; head -c 20000000 /dev/zero | tr '\\0' y; echo; echo ünd >&2`
  const before = process.memoryUsage().rss
  const ran = await project.run({
    modules: {
      run: ['shell', { command }],
      long: ['log', { message: 'long' }],
      lines: ['shell', { command: `yes ${line} | head -c 200000` }],
      whole: ['log', { message: '{{lines__stdout}}' }],
    },
    control: ['run (1|length({{run__stdout}}) <= 65536) long', 'run (2|) lines', 'lines (1|) whole'],
  })
  expect(ran.summary.errors).toEqual([])
  const logged = streamed(ran, 'stdout')
  expect(logged).toHaveLength(30_001)
  expect(logged.at(-1)).toMatch(/^y{16384}… \(19983616 more bytes\)$/)
  expect(ran.log.some(({ msg }) => msg === 'long')).toBe(true)
  expect(ran.log.some(({ msg }) => /stdout has only the end of the 50000001 bytes/.test(msg))).toBe(true)
  expect(ran.log.find(({ node, level }) => node === 'whole' && level === 'info')?.msg).toBe(Array(65).fill(line).join('\n'))
  expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000)
})

test('a retry tells the command its attempt, and the journal knew of each before it began', async () => {
  const project = new ModuleProject()
  const ran = await project.run({
    settings: { retries: 1, retry_delay: 0 },
    modules: { run: ['shell', { command: 'cat jobs/*/runs/*/journal.log | grep -c " started "; [ $PYPE_ATTEMPT -eq 2 ]' }] },
  })
  expect(ran.summary.status).toBe('completed')
  expect(streamed(ran, 'stdout')).toEqual(['1', '2'])
})

test('a command that failed leaves its globals to what an error connection leads to, those of its last attempt', async () => {
  const ran = await new ModuleProject().run({
    modules: {
      begin: ['log', { message: 'begin' }],
      run: ['shell', { command: 'echo out $PYPE_ATTEMPT; echo err >&2; exit $((2 + PYPE_ATTEMPT))' }],
      told: ['log', { message: '{{run__exit_code}} {{run__stdout}} {{run__stderr}} {{run__error_code}}' }],
      slow: ['shell', { command: 'echo begun; exec sleep 60', timeout: 0.2 }],
      late: ['log', { message: '{{slow__stdout}}' }],
    },
    control: ['begin (1|) run', 'begin (2|) slow', 'run (1|error) told', 'slow (1|done) late'],
    settings: { fail_strategy: 'continue', retries: 1, retry_delay: 0 },
  })
  const said = (id: string) => ran.log.find(({ node, event }) => node === id && event === 'log')?.msg
  expect([said('told'), said('late')]).toEqual(['4 out 2 err COMMAND_FAILED', 'begun'])
})
