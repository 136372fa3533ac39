import { expect, test } from 'vitest'
import { createProject, type PypeProject } from '../cli/pype-project.js'
import { createDatabase } from '../postgres/server.js'
import { playPage, readText } from './play-page.js'

const PAGE = 'docs/database-modules.md'

test(`${PAGE}: its modules and its flow do what it says, on a server`, async () => {
  const database = await createDatabase()
  const [, tables = ''] = /^```sql\n([\s\S]*?)^```$/m.exec(readText(PAGE)) ?? []
  await database.query(tables)
  const project = createProject()
  const said: string[] = []
  const withServer: PypeProject = {
    ...project,
    pype: async (args, options) => {
      const ended = await project.pype([...args, ...(args[0] === 'run' ? ['--log', 'stderr'] : [])], {
        ...options,
        env: { SHOP_URL: database.url },
      })
      said.push(...(ended.stderr.match(/\b\d+ rows\b/g) ?? []))
      return ended
    },
  }
  await playPage(PAGE, withServer)
  expect(said).toEqual(['2 rows', '0 rows'])
  expect(await database.query('SELECT page FROM visits_kept ORDER BY id')).toEqual([{ page: 'home' }, { page: 'shop' }])
})
