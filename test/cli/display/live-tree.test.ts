import { expect, it, onTestFinished } from 'vitest'
import { LiveTree } from '../../../src/cli/display/live-tree.js'
import { Screen } from '../../../src/cli/display/screen.js'
import { spellAscii } from '../../../src/cli/terminal/spell-ascii.js'
import type { RunEvent } from '../../../src/core/events.js'
import { drawFlow } from '../../../src/graph/drawing.js'
import { makeFlow } from '../../run/scheduling/flow-fixture.js'
import { FakeTerminal } from './fake-terminal.js'

const STARTED: RunEvent = { type: 'run.started', job: 'daily', folder: '/runs/r1', date: '2026-01-01 00:00:00', subFlows: 3 }

/** A tree of a flow in which each sub flow is one node, on a terminal of that size; `at` sets its clock, in seconds. */
function openTree(names: readonly string[], arrows: Parameters<typeof makeFlow>[1], columns: number, rows: number, isUnicode = true) {
  const terminal = new FakeTerminal(columns, rows)
  const screen = new Screen(terminal)
  const { dag, metadata } = makeFlow(names, arrows)
  const loops = arrows.filter(({ type }) => type === 'iterate').map(({ from, to }) => ({ connection: { from, to }, sub_flows: [to] }))
  let seconds = 0
  const tree = new LiveTree({
    screen,
    drawing: drawFlow(dag, { ...metadata, scopes: loops.map((loop) => ({ ...loop, exits: [] })) }),
    style: { paint: (_, text) => text, spell: isUnicode ? (text) => text : spellAscii },
    now: () => seconds * 1000,
  })
  onTestFinished(() => tree.close())
  const { hear } = tree.watch('daily')
  const show = (events: readonly RunEvent[], at = 0): readonly string[] => {
    for (const event of events) hear(event)
    seconds = at
    tree.draw()
    return terminal.screen
  }
  return { tree, terminal, screen, show }
}

const chain = (names: readonly string[]) => names.slice(1).map((to, i) => ({ from: names[i] ?? '', to, order: 1 }))
const start = (subFlow: string, frame: readonly number[] = []): RunEvent[] => [
  { type: 'subflow.started', subFlow, frame, attempt: 1 },
  { type: 'node.started', node: subFlow, frame },
]
const complete = (subFlow: string, rows: number | null, seconds: number, frame: readonly number[] = []): RunEvent[] => [
  { type: 'node.completed', node: subFlow, frame, rows, bytes: rows === null ? null : rows * 10, rejected: null, seconds },
  { type: 'subflow.completed', subFlow, frame, seconds, recorded: false },
]

it('shows what has ended, what is running and how far, and what is not begun', () => {
  const { show } = openTree(['load', 'sum', 'mail'], chain(['load', 'sum', 'mail']), 80, 24)
  const statements = [{ subFlow: 'sum', frame: [], nodes: ['sum'], share: 0.437 }]
  const events: RunEvent[] = [STARTED, ...start('load'), ...complete('load', 10_000_000, 4), ...start('sum')]
  expect(show([...events, { type: 'run.progress', statements, spilled: 2e9, memory: 1e6 }], 6.5)).toEqual([
    '▶ daily  1 of 3 sub flows, 2.0 GB on disk                                 6.5 s',
    '  ✓ load                                               10,000,000 rows    4.0 s',
    '  ▶ sum  ████░░░░░░ 43 %                                                  6.5 s',
    '  · mail',
  ])
})

it('has rows per second and bytes where there is room, and only names where there is none', () => {
  const wide = openTree(['load'], [], 160, 24).show([STARTED, ...start('load'), ...complete('load', 10_000_000, 4)])
  expect(wide[1]).toMatch(/^ {2}✓ load +10,000,000 rows +2\.5M\/s +100\.0 MB +4\.0 s$/)
  expect(wide[1]).toHaveLength(159)
  const narrow = openTree(['a_rather_long_name_of_a_sub_flow'], [], 24, 24).show([STARTED, ...start('a_rather_long_name_of_a_sub_flow')])
  expect(narrow[1]).toBe('  ▶ a_rather_long_name…')
})

it('is ASCII where the locale says so', () => {
  const { show } = openTree(['load', 'sum'], chain(['load', 'sum']), 60, 24, false)
  const statements = [{ subFlow: 'load', frame: [], nodes: ['load'], share: 0.5 }]
  expect(show([STARTED, ...start('load'), { type: 'run.progress', statements, spilled: 0, memory: 0 }]).join('')).toMatch(
    /^> daily .*> load {2}#####\.\.\.\.\. 50 %.*\. sum$/,
  )
})

it('stays within the height of the terminal, whatever the number of sub flows and frames', () => {
  const names = Array.from({ length: 300 }, (_, i) => `s${i}`)
  const { show } = openTree(names, chain(names), 80, 10)
  const ended = names.slice(0, 120).flatMap((name) => [...start(name), ...complete(name, 1, 0.1)])
  expect(show([STARTED, ...ended, ...start('s120')])).toEqual([
    expect.stringMatching(/^▶ daily {2}120 of 300 sub flows /),
    '  ✓ 120 sub flows completed',
    expect.stringMatching(/^ {2}▶ s120 /),
    '  · 179 sub flows not begun',
  ])
  const running = names.slice(120).flatMap((name) => start(name))
  const seen = show(running)
  expect(seen).toHaveLength(9)
  expect(seen.at(-1)).toBe('  ▶ 174 more lines')
})

it('counts the passes of a loop, and shows the frames that are running', () => {
  const arrows = [{ from: 'files', to: 'load', order: 1, type: 'iterate' as const }]
  const { show } = openTree(['files', 'load'], arrows, 80, 24)
  const at = { from: 'files', to: 'load' }
  const pass = (i: number): RunEvent[] => [{ type: 'frame.started', ...at, frame: [i] }, ...start('load', [i])]
  const events: RunEvent[] = [STARTED, ...start('files'), ...complete('files', null, 0.1)]
  events.push({ type: 'loop.started', ...at, frame: [], items: 2000, recorded: 500 })
  for (let i = 500; i < 1499; i++)
    events.push(...pass(i), ...complete('load', 2, 0.01, [i]), { type: 'frame.ended', ...at, frame: [i], failed: i === 700 })
  const lines = show([...events, ...pass(1499)])
  expect(lines.slice(2).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    '  ▶ for each item of files  ███████░░░ 1,499 of 2,000, 1 failed',
    '  ▶ load  #1499, 999 completed  1,998 rows  0.0 s',
  ])
})

it('tells the error of what failed, and keeps text with wide characters in its columns', () => {
  const { show } = openTree(['load'], [], 40, 24)
  const error = { code: 'MODULE_FAILED', message: '数据'.repeat(30) } as const
  const [, , failed = ''] = show([STARTED, ...start('load'), { type: 'subflow.failed', subFlow: 'load', frame: [], seconds: 1, error }])
  expect(failed).toMatch(/^ {4}✗ MODULE_FAILED 数据数.*…$/)
})

it('puts text above it, is right again after the terminal was made narrower, and leaves nothing behind', () => {
  const { show, terminal, screen, tree } = openTree(['load', 'sum'], chain(['load', 'sum']), 80, 24)
  show([STARTED, ...start('load')])
  screen.print('warning  something\n')
  expect(terminal.screen[0]).toBe('warning  something')
  expect(terminal.screen).toHaveLength(4)
  terminal.columns = 50
  tree.draw()
  expect(terminal.screen.at(-1)).toBe('  · sum')
  tree.close()
  expect(terminal.screen.filter((line) => !line.startsWith('warning'))).toEqual([])
})

it('draws nothing while the window is dragged, and again when its size has stayed for a moment', () => {
  const { show, terminal, tree } = openTree(['load', 'sum'], chain(['load', 'sum']), 80, 24)
  const before = show([STARTED, ...start('load')], 1)
  terminal.columns = 70
  tree.resize()
  expect(show([], 1.2)).toEqual(before)
  terminal.columns = 50
  tree.resize()
  expect(show([], 1.4)).toEqual(before)
  const [first = ''] = show([], 1.8)
  expect(first).toMatch(/^▶ daily {2}0 of 2 sub flows +1\.8 s$/)
  expect(first).toHaveLength(49)
})

it('of a backfill has the dates that have ended, and a tree for each that is running', () => {
  const { tree, terminal } = openTree(['load', 'sum'], chain(['load', 'sum']), 80, 24)
  const runs = ['2026-01-03', '2026-01-04'].map((date) => tree.watch(date))
  for (const { hear } of runs) for (const event of [STARTED, ...start('load')]) hear(event)
  tree.countDates(2, 1, 31)
  tree.draw()
  expect(terminal.screen.map((line) => line.replace(/ {2,}.*$/, '')).filter((line) => line !== '')).toEqual([
    expect.stringMatching(/: 2 of 31 dates, 1 failed, 0\.0 s$/),
    '▶ 2026-01-03',
    '▶ 2026-01-04',
  ])
  runs[0]?.hear({ type: 'run.completed', status: 'completed', seconds: 1 })
  tree.draw()
  expect(terminal.screen.join('\n')).not.toContain('2026-01-03')
})
