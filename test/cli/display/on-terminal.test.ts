import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import stringWidth from 'string-width'
import { describe, expect, it, vi } from 'vitest'
import { createProject } from '../pype-project.js'
import { HAS_SCRIPT, runOnTerminal } from './pseudo-terminal.js'

const flow = (waiting: string) => `flow: { name: slow, version: 1.0.0, authors: [me], created: "2026-01-01" }
settings: { threads: 1 }
modules:
  - { id: first, name: set_global, configs: { values: { n: 1 } } }
  - ${waiting}
  - { id: stop, name: fail, configs: { message: "The day is over, and there is nothing that could be done about it any more." } }
connections:
  data: []
  control: ["first (1|) wait", "wait (1|) stop"]
`
const WAIT_FOR_FILE = '{ id: wait, name: wait_for_file, configs: { path: go, interval: 0.02 } }'
/** It does not listen to the signal that is to end it. */
const STUBBORN = '{ id: wait, name: shell, configs: { command: ["sh", "-c", "trap \'\' TERM INT; while :; do sleep 0.1; done"] } }'

const TREE = '▶\u001b[22m wait'
const title = HAS_SCRIPT ? 'on a terminal' : 'on a terminal (skipped: there is no `script` of util-linux here)'

describe.skipIf(!HAS_SCRIPT)(title, () => {
  it('a tree is drawn while a run goes on, in colours, and is gone when the error and the summary come', async () => {
    const { folder, write } = createProject({ 'slow.yaml': flow(WAIT_FOR_FILE) })
    const { see, ended, output } = runOnTerminal(['run', 'slow.yaml'], { cwd: folder, columns: 60, rows: 24 })
    await see(TREE)
    write('go', '')
    const { code, terminal } = await ended
    expect(code).toBe(1)
    expect(output()).toContain('\u001b[31merror FAILED_BY_FLOW\u001b[39m')
    const { screen, isCursorShown } = terminal
    expect(isCursorShown).toBe(true)
    expect(screen.slice(0, 4)).toEqual([
      'jobs/slow is built.',
      'slow.yaml:6:11  error FAILED_BY_FLOW  node stop: The day is',
      '  over, and there is nothing that could be done about it any',
      '  more.',
    ])
    expect(screen.join('\n')).not.toMatch(/[▶·✓✗]/)
    expect(screen).toContainEqual(expect.stringMatching(/^slow failed in /))
    expect(screen.at(-1)).toMatch(/^20\S+ failed$/)
  })

  it('a terminal that closes cancels the run', async () => {
    const { folder } = createProject({ 'slow.yaml': flow(WAIT_FOR_FILE) })
    const { see, close } = runOnTerminal(['run', 'slow.yaml'], { cwd: folder, columns: 60, rows: 24 })
    await see(TREE)
    close()
    const runs = path.join(folder, 'jobs/slow/runs')
    const journals = () =>
      readdirSync(runs)
        .filter((name) => /^\d/.test(name))
        .map((run) => readFileSync(path.join(runs, run, 'journal.log'), 'utf8'))
    await vi.waitFor(() => expect(journals()).toEqual([expect.stringContaining('{"status":"cancelled"')]), { timeout: 20_000 })
  })

  it('Ctrl-C cancels and takes the tree away; where the locale is C all of it is ASCII', async () => {
    const { folder } = createProject({ 'slow.yaml': flow(WAIT_FOR_FILE) })
    const { see, type, ended, output } = runOnTerminal(['run', 'slow.yaml'], { cwd: folder, columns: 80, rows: 10, env: { LC_ALL: 'C' } })
    await see('>\u001b[22m wait')
    type('\u0003')
    const { code, terminal } = await ended
    expect(code).toBe(130)
    expect(output()).toMatch(/^[\x00-\x7F]*$/)
    expect(terminal.isCursorShown).toBe(true)
    expect(terminal.screen).toContain('cancelling; once more to stop at once')
    expect(terminal.screen).toContain('error CANCELLED  The run was cancelled.')
    expect(terminal.screen.join('\n')).not.toMatch(/^ *[>.+] /m)
  })

  it.each([['run'], ['run --watch']])('%s: a second Ctrl-C stops at once, and takes the tree away too', async (command) => {
    const { folder } = createProject({ 'slow.yaml': flow(STUBBORN) })
    const { see, type, ended } = runOnTerminal([...command.split(' '), 'slow.yaml'], { cwd: folder, columns: 80, rows: 24 })
    await see(TREE)
    type('\u0003')
    await see('cancelling')
    type('\u0003')
    const { code, terminal } = await ended
    expect(code).toBe(130)
    expect(terminal.isCursorShown).toBe(true)
    expect(terminal.screen.map((line) => line.replaceAll('^C', ''))).toEqual([
      'jobs/slow is built.',
      'cancelling; once more to stop at once',
    ])
  })

  it('messages are broken at blanks, and without colours with NO_COLOR', async () => {
    const { folder } = createProject({})
    const { ended, output } = runOnTerminal(['run', 'nothing'], { cwd: folder, columns: 40, rows: 24, env: { NO_COLOR: '1' } })
    const { code, terminal } = await ended
    expect(code).toBe(2)
    expect(output()).not.toContain('\u001b')
    expect(terminal.screen.map((line) => stringWidth(line)).filter((width) => width > 40)).toEqual([])
    expect(terminal.screen.join(' ').replaceAll(/ +/g, ' ')).toContain(
      'give a folder that `pype build` has written, the name of one in jobs/',
    )
  })

  it('init asks for what is not given, in characters and colours that any terminal shows', async () => {
    const { folder } = createProject({})
    const { see, type, ended, output } = runOnTerminal(['init'], { cwd: folder, columns: 80, rows: 24, env: { LC_ALL: 'C' } })
    await see('Which folder?')
    type('shop\r')
    await see('Who is the author?')
    type('Ada\r')
    const { code, terminal } = await ended
    expect(code).toBe(0)
    expect(terminal.isCursorShown).toBe(true)
    expect(existsSync(path.join(folder, 'shop', 'flows', 'orders.yaml'))).toBe(true)
    expect(output()).toMatch(/^[\x00-\x7F]*$/)
    expect(output()).not.toMatch(/\x1b\[(?:33|36|37|9[367])m/)
  })
})
