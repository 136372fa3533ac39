import { expect, test } from 'vitest'
import { createProject, type PypeProject } from '../cli/pype-project.js'
import { createDatabase } from '../postgres/server.js'
import { playPage, readText } from './play-page.js'

const PAGE = 'docs/postgres.md'

test(`${PAGE}: its flow does what it says, on a server`, async () => {
  const [shop, warehouse] = [await createDatabase(), await createDatabase()]
  const text = readText(PAGE)
  const statements = (/^```sql\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? '').split(/;\n/).filter((statement) => statement.trim() !== '')
  for (const statement of statements) await (/\bshop\b/.test(statement) ? shop : warehouse).query(statement)
  const project = createProject()
  const env = { SHOP_URL: shop.url, WAREHOUSE_URL: warehouse.url }
  const said: string[] = []
  const withServer: PypeProject = {
    ...project,
    pype: async (args, options) => {
      const ended = await project.pype([...args, ...(args[0] === 'run' ? ['--log', 'stderr'] : [])], { ...options, env })
      said.push(...(ended.stderr.match(/\d+ orders were new or changed; all customers: [\d.]+/g) ?? []))
      return ended
    },
  }
  await playPage(PAGE, withServer)
  expect(said).toEqual([...text.matchAll(/^pype run .*# logs: (.*)$/gm)].map(([, comment]) => comment))
  expect(said).toHaveLength(2)
  expect(await warehouse.query('SELECT id, what FROM events ORDER BY id')).toEqual([
    { id: '1', what: 'opened' },
    { id: '2', what: 'closed' },
    { id: '3', what: 'opened' },
  ])
  expect(await warehouse.query('SELECT * FROM customers ORDER BY customer')).toEqual([
    { customer: 'Ada', total: '14.75' },
    { customer: 'Grace', total: '99.00' },
  ])
})
