import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommitDeps } from '../../../src/run/checkpoint/commit/commit-deps.js'
import { SubFlowStaging } from '../../../src/run/checkpoint/commit/staging.js'
import { RunCursors } from '../../../src/run/checkpoint/cursors/run-cursors.js'
import { NO_DATABASES } from '../../../src/run/checkpoint/databases/no-databases.js'
import { TokenTables } from '../../../src/run/checkpoint/databases/token-tables.js'
import type { Disk } from '../../../src/run/checkpoint/files/disk.js'
import { nodeDisk } from '../../../src/run/checkpoint/files/disk.js'
import { TargetClaims } from '../../../src/run/checkpoint/files/target-claims.js'
import { formatRecord } from '../../../src/run/checkpoint/journal/format.js'
import { JOURNAL_FILE, Journal } from '../../../src/run/checkpoint/journal/journal.js'
import { JOURNAL_VERSION, type RunRecord } from '../../../src/run/checkpoint/journal/records.js'
import type { SubFlowOutcome } from '../../../src/run/execution/sub-flow/sub-flow-outcome.js'

export const NOTHING: SubFlowOutcome = { globals: {}, boundaries: [], nodes: [], items: {} }

/** The first record of a journal. */
export const BEGIN: RunRecord = {
  kind: 'run',
  journal_version: JOURNAL_VERSION,
  job: 'sample',
  run: 'run1',
  started: '2026-01-01T00:00:00.000Z',
  date: '2026-01-01 00:00:00',
  time_zone: 'UTC',
  cwd: '/nowhere',
  spill: '/nowhere/spill',
  context_name: 'default',
  context: {},
  set: {},
  pype_version: '1.0.0',
  engine: { name: 'duckdb', version: '1' },
  modules: {},
  hashes: {},
}

/** A folder for targets and one for a run that has begun, with what a commit needs. */
export class CommitPlace {
  readonly root = mkdtempSync(path.join(tmpdir(), 'pype-commit-'))
  readonly targets = path.join(this.root, 'targets')
  readonly runs = path.join(this.root, 'runs')
  readonly warnings: string[] = []
  readonly #shared = { claims: new TargetClaims(), tokenTables: new TokenTables() }
  readonly #cursors = new RunCursors({
    job: 'sample',
    context: 'default',
    runsFolder: path.join(this.root, 'runs'),
    nodesBefore: () => new Set(),
    pending: [],
    appended: new Set(),
  })
  #journal: Journal | undefined

  constructor() {
    mkdirSync(this.targets)
    mkdirSync(path.join(this.runs, 'run1'), { recursive: true })
    writeFileSync(path.join(this.runs, 'run1', JOURNAL_FILE), formatRecord(BEGIN))
  }

  deps(disk: Disk = nodeDisk): CommitDeps {
    this.#journal ??= Journal.open(disk, path.join(this.runs, 'run1'))
    return {
      disk,
      journal: this.#journal,
      ...this.#shared,
      databases: NO_DATABASES,
      cursors: this.#cursors,
      patience: { pause: async () => {} },
      refill: () => Promise.reject(new Error('nothing to refill from')),
      now: () => new Date(),
      runId: 'run1',
      cwd: this.targets,
      positionOf: (node) => Number(node.slice(1)),
      warn: (message) => this.warnings.push(message),
    }
  }

  staging(name = 'a', disk?: Disk): SubFlowStaging {
    return new SubFlowStaging(this.deps(disk), name, [], 1)
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.targets, name)), { recursive: true })
    writeFileSync(path.join(this.targets, name), text)
  }

  read(name: string): string | undefined {
    const file = path.join(this.targets, name)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  /** All files below the targets with their content. */
  snapshot(): { [name: string]: string } {
    const files = readdirSync(this.targets, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    return Object.fromEntries(
      files
        .map((entry) => path.relative(this.targets, path.join(entry.parentPath, entry.name)))
        .sort()
        .map((name) => [name, this.read(name) ?? '']),
    )
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Writes a partition into a staged folder. */
export function writePart(folder: string, part: string, text: string): void {
  mkdirSync(path.join(folder, part), { recursive: true })
  writeFileSync(path.join(folder, part, 'data.txt'), text)
}
