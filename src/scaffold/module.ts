import type { ModuleType } from '../core/dag.js'
import { readPort } from '../registry/ports.js'

/** What a new module is made with. */
export interface ModulePlan {
  readonly name: string
  readonly type: ModuleType
  /** As in a definition: `name`, `name?` or `name*`. */
  readonly inputPorts: readonly string[]
  readonly outputPorts: readonly string[]
  /** A mod that handles rows in code, instead of describing them in SQL. */
  readonly code: boolean
}

/** The ports that modules of a type mostly have. */
export const USUAL_PORTS: { readonly [type in ModuleType]: Pick<ModulePlan, 'inputPorts' | 'outputPorts'> } = {
  source: { inputPorts: [], outputPorts: ['data'] },
  mod: { inputPorts: ['input'], outputPorts: ['output'] },
  sink: { inputPorts: ['input'], outputPorts: [] },
  solo: { inputPorts: [], outputPorts: [] },
}

/** What differs between the skeletons. */
interface Skeleton {
  readonly about: string
  readonly category: string
  readonly imports: string
  readonly globals: string
  readonly required: string
  readonly body: string
}

/** The text of a module that is registered as it is, and runs: each part of a definition has an example in it. */
export function formatModule(plan: ModulePlan): string {
  const { about, category, imports, globals, required, body } = chooseSkeleton(plan)
  return `/** ${about} */
${imports}

export default defineModule({
  name: '${plan.name}',
  type: '${plan.type}',
  version: '1.0.0',
  description: '${about}',
  category: '${category}',
  inputPorts: ${formatList(plan.inputPorts)},
  outputPorts: ${formatList(plan.outputPorts)},
  globals: ${globals},
  packages: [],
  config: {
    required: { ${required} },
    optional: {},
  },
${body}`
}

function chooseSkeleton(plan: ModulePlan): Skeleton {
  if (plan.type === 'source') return sourceSkeleton(plan)
  if (plan.type === 'sink') return sinkSkeleton(plan)
  if (plan.type === 'solo') return SOLO
  return plan.code ? codeSkeleton(plan) : querySkeleton(plan)
}

function querySkeleton({ inputPorts, outputPorts }: ModulePlan): Skeleton {
  const { lines, rows } = firstInput(inputPorts, '')
  return {
    about: 'Keeps the rows for which a condition holds.',
    category: 'Rows',
    imports: `import { defineModule${rows === 'first' ? ', PypeError' : ''}, sql } from 'pypeline/sdk'`,
    globals: '{}',
    required: "condition: { type: 'sql', expression: true, description: 'What holds for the rows that are kept.', example: 'amount > 0' }",
    body: `  // Pure: it describes the rows of each output port in SQL, and touches nothing. Values in a template are literals, and columns quoted names.
  query: ({ inputs, config }) => {
${lines}    return {
${outputPorts.map((port) => `      ${port}: sql\`SELECT * FROM \${${rows}} WHERE \${config.condition}\`,\n`).join('')}    }
  },
})
`,
  }
}

function codeSkeleton({ inputPorts, outputPorts }: ModulePlan): Skeleton {
  const { lines, rows } = firstInput(inputPorts, 'DataArtifact')
  return {
    about: 'Adds a column with the number of each row.',
    category: 'Rows',
    imports: `import { type DataArtifact, defineModule${rows === 'first' ? ', PypeError' : ''} } from 'pypeline/sdk'`,
    globals: '{}',
    required: "column: { type: 'str', description: 'The name of the new column.', example: 'row_number' }",
    body: `  run: async (inputs, ctx) => {
${lines}    const columns = [...${rows}.columns, { name: ctx.config.column, type: 'BIGINT' }]
    return {
${outputPorts.map((port) => `      ${port}: { columns, rows: numbered(${rows}, ctx.config.column) },\n`).join('')}    }
  },
})

/** One row after the other, so that any number of them fits. */
async function* numbered(input: DataArtifact, column: string) {
  let n = 0
  for await (const row of input.rows()) yield { ...row, [column]: ++n }
}
`,
  }
}

function sourceSkeleton({ outputPorts }: ModulePlan): Skeleton {
  return {
    about: 'Gives the numbers from 1 on.',
    category: 'Rows',
    imports: "import { defineModule } from 'pypeline/sdk'",
    globals: "{ row_count: { type: 'int', description: 'Rows that were given.' } }",
    required: "count: { type: 'int', min: 0, description: 'How many.', example: 10 }",
    body: `  run: async (_, ctx) => {
    const columns = [{ name: 'n', type: 'BIGINT' }]
    ctx.setGlobal('row_count', ctx.config.count)
    return {
${outputPorts.map((port) => `      ${port}: { columns, rows: numbers(ctx.config.count, ctx.signal) },\n`).join('')}    }
  },
})

/** Page after page of another system would come in the same way: nobody holds all rows. */
async function* numbers(count: number, signal: AbortSignal) {
  for (let n = 1; n <= count; n++) {
    signal.throwIfAborted()
    yield { n }
  }
}
`,
  }
}

function sinkSkeleton({ inputPorts }: ModulePlan): Skeleton {
  const { lines, rows } = firstInput(inputPorts, 'DataArtifact')
  return {
    about: 'Writes rows as JSON, one to a line.',
    category: 'Files',
    imports: `import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DataArtifact, defineModule${rows === 'first' ? ', PypeError' : ''} } from 'pypeline/sdk'`,
    globals: "{ row_count: { type: 'int', description: 'Rows that were written.' } }",
    required: "output_path: { type: 'path', description: 'The file to write.', example: 'out/rows.jsonl' }",
    body: `  run: async (inputs, ctx) => {
${lines}    // A hidden file, which gets its name when the whole sub flow commits, and goes when that fails.
    const staged = await ctx.stageFile(ctx.config.output_path, 'replace')
    await pipeline(Readable.from(lines(${rows})), createWriteStream(staged), { signal: ctx.signal })
    ctx.setGlobal('row_count', await ${rows}.nRows())
  },
})

async function* lines(input: DataArtifact) {
  for await (const row of input.rows()) yield \`\${JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\\n\`
}
`,
  }
}

const SOLO: Skeleton = {
  about: 'Tells the log something.',
  category: 'Control',
  imports: "import { defineModule } from 'pypeline/sdk'",
  globals: "{ told: { type: 'str', description: 'What was told.' } }",
  required: "message: { type: 'str', description: 'What to tell.', example: 'loaded' }",
  body: `  run: async (_, ctx) => {
    ctx.logger.info(ctx.config.message)
    ctx.setGlobal('told', ctx.config.message)
  },
})
`,
}

/** How the body reaches the rows of an input: by its name, or those of the first that is connected, where none must be. */
function firstInput(inputPorts: readonly string[], artifact: string): { readonly lines: string; readonly rows: string } {
  const sure = inputPorts.map(readPort).find(({ kind }) => kind === 'one')
  if (sure !== undefined) return { lines: '', rows: `inputs.${sure.name}` }
  const typed = artifact === '' ? '' : `: ${artifact} | undefined`
  return {
    lines: `    const first${typed} = Object.values(inputs)[0]
    if (first === undefined) throw new PypeError('CONFIG_INVALID', 'An input is needed.')
`,
    rows: 'first',
  }
}

function formatList(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`
}
