import { existsSync } from 'node:fs'
import path from 'node:path'
import { REGISTRY_FILE } from '../registry/project.js'
import { describeTarget } from '../registry/project-modules.js'
import { writeRegistry } from '../registry/registry-file.js'
import { makeFiles, type NewFile } from './new-files.js'
import { TRIM_MODULE } from './trim-module.js'
import { toScalar } from './yaml-scalar.js'

/** What a new project is made with. */
export interface ProjectPlan {
  /** Absolute; made where it is not there. */
  readonly folder: string
  /** Stands in the flow. */
  readonly author: string
  /** YYYY-MM-DD. */
  readonly today: string
}

/** What was made. */
export interface MadeProject {
  readonly made: readonly NewFile[]
  /** Files that were there, and stay as they are. */
  readonly kept: readonly string[]
}

/** Files that a folder may have before it is a project; they stay. */
const MAY_BE_THERE: readonly string[] = ['.gitignore', 'README.md']

/** Makes a project with a flow that runs, and registers its module. Overwrites nothing, and leaves nothing behind when it fails. Throws as {@link makeFiles} does. */
export async function makeProject({ folder, author, today }: ProjectPlan): Promise<MadeProject> {
  const files = listProjectFiles(author, today)
  const kept = files.filter((file) => MAY_BE_THERE.includes(file.path) && existsSync(path.join(folder, file.path)))
  const made = files.filter((file) => !kept.includes(file))
  const undo = await makeFiles(folder, made)
  try {
    const file = path.join(folder, REGISTRY_FILE)
    const [name, entry] = await describeTarget({ folder, file, builtIn: false }, 'modules/mods/trim_mod.ts', folder)
    await writeRegistry(file, { [name]: entry })
  } catch (error) {
    await undo()
    throw error
  }
  return { made, kept: kept.map((file) => file.path) }
}

function listProjectFiles(author: string, today: string): readonly NewFile[] {
  return [
    { path: 'flows/orders.yaml', about: 'a flow: orders, summed up by city', content: formatFlow(author, today) },
    { path: 'flows/context/orders_default.json', about: 'what differs between machines', content: CONTEXT },
    { path: 'flows/tests/orders.test.yaml', about: 'what the flow gives for which rows', content: TEST },
    { path: 'data/orders.csv', about: 'its rows', content: ORDERS },
    { path: 'modules/mods/trim_mod.ts', about: 'a module of your own', content: TRIM_MODULE },
    { path: REGISTRY_FILE, about: 'lists your modules', content: '{}\n' },
    { path: '.gitignore', about: 'what is not to be committed', content: IGNORED },
    { path: 'README.md', about: 'the commands, for whoever comes next', content: README },
  ]
}

const ORDERS = `id,day,customer,city,amount
1,2026-01-02,Ada,London,120.50
2,2026-01-02, Grace ,New York,75.00
3,2026-01-03,Ada ,London,19.99
4,2026-01-04,Alan,London,240.00
5,2026-01-05,Edsger,Rotterdam,60.25
6,2026-01-05,Grace,New York,310.00
7,2026-01-06,Edsger,Rotterdam,8.75
`

const CONTEXT = `{
  "least_amount": 20
}
`

const TEST = `# pype test flows/orders.yaml
replace:
  orders:
    - { id: 1, day: 2026-01-02, customer: " Ada", city: London, amount: 20.00 }
    - { id: 2, day: 2026-01-03, customer: "Ada ", city: London, amount: 30.50 }
    - { id: 3, day: 2026-01-03, customer: Alan, city: Paris, amount: 19.99 }
cases:
  - name: larger orders are summed up by city, and a customer counts once
    expect:
      rows:
        result: [{ city: London, orders: 2, customers: 1, amount: 50.50 }]

  - name: the least amount comes from the context
    set: { least_amount: 10 }
    expect:
      rows:
        result:
          ordered: true
          rows:
            - { city: London, orders: 2, customers: 1, amount: 50.50 }
            - { city: Paris, orders: 1, customers: 1, amount: 19.99 }
`

const formatFlow = (author: string, today: string) => `# Orders of at least {{context.least_amount}}, summed up by city.
flow:
  name: orders
  desc: Sums the larger orders up by city.
  version: 1.0.0
  authors: [${toScalar(author)}]
  created: "${today}"
modules:
  - id: orders
    name: csv_source
    configs:
      file_path: data/orders.csv
      columns: { id: INTEGER, day: DATE, customer: VARCHAR, city: VARCHAR, amount: "DECIMAL(9,2)" }
  # A module of this project: modules/mods/trim_mod.ts
  - id: trimmed
    name: trim_mod
    configs:
      columns: [customer]
  - id: large
    name: filter_mod
    configs:
      condition: amount >= {{context.least_amount}}
  - id: by_city
    name: aggregate_mod
    configs:
      group_by: [city]
      aggregates: { orders: count(*), customers: count(DISTINCT customer), amount: sum(amount) }
  - id: sorted
    name: sort_mod
    configs:
      by: [amount desc]
  - id: result
    name: csv_sink
    configs:
      output_path: out/orders_by_city.csv
connections:
  data:
    - orders.data - trimmed.input
    - trimmed.output - large.input
    - large.output - by_city.input
    - by_city.output - sorted.input
    - sorted.output - result.input
  control: []
`

const IGNORED = `# Built from the flows, with what runs leave behind: journals, logs, rows on their way
/jobs/
# What the flows write, and what calls of them print
/out/
*.log
# Secrets, and contexts of one machine
secrets.json
*_local.json
node_modules/
`

const README = `# Flows

\`\`\`sh
pype run flows/orders.yaml          # build it, and run it: writes out/orders_by_city.csv
pype run flows/orders.yaml --watch  # again after each change
pype graph flows/orders.yaml        # what it does
pype test                           # all tests of flows
pype new flow NAME                  # another flow
pype new module NAME                # another module
\`\`\`

| folder | has |
|---|---|
| \`flows/\` | flows; \`flows/context/\` has what differs between machines, \`flows/tests/\` what flows give for which rows |
| \`modules/\` | modules of this project, which \`ModRegistry.json\` lists |
| \`data/\` | rows to try the flows with |
| \`jobs/\`, \`out/\` | what builds and runs write; not to be committed |
`
