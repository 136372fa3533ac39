import path from 'node:path'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/core/events.js'
import { buildFlow } from '../../../src/index.js'
import { createWarningPrinter, type Warning } from '../../../src/run/observe/warning-printer.js'
import { createProject } from '../../cli/pype-project.js'

test('warnings are printed with their node, and no more than twenty', () => {
  const warnings: Warning[] = []
  const { hear } = createWarningPrinter((warning) => warnings.push(warning))
  const events: readonly RunEvent[] = [
    { type: 'log', level: 'warn', message: 'a.csv, column day: day or month first?' },
    { type: 'log', level: 'warn', message: 'odd', node: 'a', frame: [] },
    { type: 'log', level: 'warn', message: 'lost', node: 'a', fields: { code: 'CURSOR_OVERWRITES', hint: 'keep it' } },
    { type: 'log', level: 'info', message: 'plain' },
    { type: 'log', level: 'warn', message: 'a line of a command', node: 'a', frame: [], fields: { stream: 'stderr' } },
    { type: 'subflow.blocked', subFlow: 'a', frame: [] },
    { type: 'leftover.settled', run: 'r1', finished: 1, removed: 0 },
  ]
  for (const event of events) hear(event)
  expect(warnings).toEqual([
    { message: 'a.csv, column day: day or month first?' },
    { message: 'node a: odd' },
    { code: 'CURSOR_OVERWRITES', message: 'node a: lost', hint: 'keep it' },
    { message: 'the killed run r1 was settled: 1 commit finished, 0 staged files removed' },
  ])
  for (let i = 0; i < 1000; i++) hear({ type: 'log', level: 'warn', message: String(i) })
  expect(warnings).toHaveLength(21)
  expect(warnings.at(-1)).toEqual({ message: 'more warnings are in the log' })
})

test('a plain run prints its warnings on stderr', async () => {
  const project = createProject({
    'days.csv': 'day\n01/02/2026\n',
    'f.yaml': `flow: { name: f, version: 1.0.0, authors: [me], created: "2025-01-15" }
modules:
  - { id: s, name: csv_source, configs: { file_path: days.csv } }
  - { id: o, name: log_sink, configs: {} }
connections: { data: [s.data - o.input], control: [] }
`,
  })
  await buildFlow(path.join(project.folder, 'f.yaml'), { out: path.join(project.folder, 'jobs') })
  const plain = await project.pype(['run', 'jobs/f'])
  expect(plain.stderr).toMatch(/^warning {2}Column "day" of .*days.csv stays text/m)
  const logged = await project.pype(['run', 'jobs/f', '--log', 'stderr'])
  expect(logged.stderr.match(/stays text/g)).toHaveLength(1)
})
