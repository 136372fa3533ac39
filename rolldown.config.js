import { readdirSync } from 'node:fs'
import { defineConfig } from 'rolldown'

const modules = ['source', 'mods', 'sinks', 'solo'].flatMap((folder) =>
  readdirSync(`dist/modules/${folder}`)
    .filter((file) => file.endsWith('.js'))
    .map((file) => `modules/${folder}/${file}`),
)
const entries = ['src/cli/cli.js', 'src/index.js', 'src/sdk/sdk.js', ...modules]

/** Packages of many small files that each run loads, with all that they ask for; the others stay apart, as they are installed. */
const BUNDLED = /^(@duckdb\/node-api|commander|pg|pg-(?!native).*|pgpass|postgres-.*|split2|xtend|inherits|obuf)(\/.*)?$/

/** The engine's client is required where it is not bundled; a bundle takes it in by an import. */
const importClient = {
  name: 'import-client',
  transform: (_, file) =>
    file.endsWith('/engine/duckdb/duckdb.js') ? "import * as duckdb from '@duckdb/node-api'\nexport { duckdb }" : undefined,
}

/** The compiled program in few files, which load in half the time of its hundreds. */
export default defineConfig({
  input: Object.fromEntries(entries.map((file) => [file.slice(0, -'.js'.length), `dist/${file}`])),
  platform: 'node',
  plugins: [importClient],
  external: (name, _, isResolved) => !isResolved && /^[^./]/.test(name) && !BUNDLED.test(name),
  // pg tells the runtime by `navigator`; without one, as in Node 20, it loads all of fetch (20 ms) to look at a Response.
  transform: { define: { navigator: '{ "userAgent": "Node.js" }' } },
  logLevel: 'warn',
  output: { dir: 'dist/bundle', cleanDir: true, chunkFileNames: 'src/chunks/[name]-[hash].js', comments: { jsdoc: false } },
})
