import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createProject } from '../cli/pype-project.js'
import { playPage, readText } from './play-page.js'

const HOW_TOS = readdirSync(new URL('../../docs/how-to', import.meta.url)).map((file) => `docs/how-to/${file}`)

const PAGES = [
  'docs/tutorial.md',
  'docs/getting-started.md',
  'docs/flow-language.md',
  'docs/columns.md',
  'docs/look-at-data.md',
  'docs/lineage.md',
  'docs/how-it-works.md',
  'docs/writing-modules.md',
  'docs/scheduling.md',
  'docs/guarantees.md',
  'docs/secrets.md',
  'docs/graph.md',
  'docs/read-runs.md',
  'docs/test-flows.md',
  'docs/watch-a-run.md',
  'docs/format-and-completion.md',
  'docs/coming-from-talend.md',
  'docs/deploy.md',
  ...HOW_TOS,
]

test.each(PAGES)('%s: its files and commands do what it says, in their order', async (page) => {
  await playPage(page, createProject())
})

test.each([
  ...PAGES,
  'docs/database-modules.md',
  'docs/postgres.md',
  'docs/modules.md',
  'docs/error-codes.md',
  'docs/commands.md',
  'docs/events.md',
  'README.md',
  'CONTRIBUTING.md',
])('%s: its links lead somewhere', (page) => {
  const broken = [...readText(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)]
    .map(([, file = '', anchor]) => ({ target: file === '' ? page : path.join(path.dirname(page), file), anchor }))
    .filter(({ target, anchor }) => !isFile(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor)))
  expect(broken).toEqual([])
})

// Rendered pages do not show what stands behind the language of a block.
test.each([...PAGES, 'docs/database-modules.md', 'docs/postgres.md', 'README.md'])(
  '%s: the file that a block shows is named above it',
  (page) => {
    const nameless = [...readText(page).matchAll(/(.*)\n+```[a-z]+ (\S+).*$/gm)]
      .filter(([, above = '', file = '']) => file !== '(output)' && !above.includes(`\`${file}\``))
      .map(([, , file]) => file)
    expect(nameless).toEqual([])
  },
)

test('docs/flow-language.md lists every setting with its default', async () => {
  const { properties } = JSON.parse(readText('schema/flow.schema.json')).properties.settings
  const listed = [...readText('docs/flow-language.md').matchAll(/^\| `([a-z_]+)` \| [^|]+ \| ([^|]+) \|$/gm)]
  const { DEFAULT_SETTINGS } = await import('../../src/core/settings.js')
  expect(listed.map(([, name]) => name)).toEqual(Object.keys(properties))
  for (const [, name = '', text = ''] of listed) {
    const value = new Map<string, unknown>(Object.entries(DEFAULT_SETTINGS)).get(name)
    if (value !== null) expect(text.replaceAll(/[`,]/g, ''), name).toBe(String(value))
  }
})

function isFile(target: string): boolean {
  return existsSync(fileURLToPath(new URL(`../../${target}`, import.meta.url)))
}

/** The anchors that the headings of a page get. */
function anchorsOf(page: string): string[] {
  return [...readText(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
