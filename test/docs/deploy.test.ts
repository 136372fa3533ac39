import { chmodSync, cpSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, type PypeProject } from '../cli/pype-project.js'
import { readText } from './play-page.js'

const page = readText('docs/deploy.md')
const dockerfile = blockOf('Dockerfile')

/** What the lines of the Dockerfile that begin with this word say. */
function linesOf(word: string): readonly string[] {
  return [...dockerfile.matchAll(new RegExp(`^${word} (.*)$`, 'gm'))].map(([, text = '']) => text)
}

it('what the image of the page has is enough to run the job, and its runs stay in the volume', async () => {
  const project = await createBuiltProject()
  expect((await project.pype(['run', 'jobs/orders'])).code).toBe(0)

  const image = createProject({ 'data/orders.csv': project.read('data/orders.csv') })
  const left = blockOf('.dockerignore').trim().split('\n')
  expect(left).toEqual(['jobs/*/runs', 'jobs/*/state'])
  const isIgnored = (file: string) => /^jobs\/[^/]+\/(runs|state)$/.test(path.relative(project.folder, file))
  for (const [source = '', target = ''] of linesOf('COPY').map((line) => line.split(' ')))
    if (!source.endsWith('.tgz'))
      cpSync(path.join(project.folder, source), path.join(image.folder, target === './' ? source : target), {
        recursive: true,
        filter: (file) => !isIgnored(file),
      })
  chmodSync(path.join(image.folder, 'jobs/orders'), 0o555)

  const command: readonly string[] = [...JSON.parse(linesOf('ENTRYPOINT')[0] ?? ''), ...JSON.parse(linesOf('CMD')[0] ?? '')]
  expect(command.slice(0, 2)).toEqual(['pype', 'run'])
  expect(await image.pype(command.slice(1))).toMatchObject({ code: 0 })
  expect(image.read('out/orders_by_city.csv')).toBe(project.read('out/orders_by_city.csv'))
  expect(readdirSync(path.join(image.folder, 'jobs/orders'))).not.toContain('runs')
  expect((await image.pype(['runs', 'orders', '--runs', 'runs/orders'])).stdout).toContain('completed')
  chmodSync(path.join(image.folder, 'jobs/orders'), 0o755)
})

it('a job with modules of a project that comes alone says what to bring along', async () => {
  const project = await createBuiltProject()
  const alone = createProject()
  cpSync(path.join(project.folder, 'jobs'), path.join(alone.folder, 'jobs'), { recursive: true })
  const { code, stderr } = await alone.pype(['run', 'jobs/orders'])
  expect(code).toBe(2)
  expect(stderr).toContain('The job uses modules/mods/trim_mod.ts of a project, and no folder around the job has a ModRegistry.json.')
  expect(stderr).toContain("hint: bring the ModRegistry.json and the modules/ of the project along, to a folder above the job's")
})

/** The project of the page, with its job. */
async function createBuiltProject(): Promise<PypeProject> {
  const project = createProject()
  for (const args of [
    ['init', '--author', 'Ada'],
    ['build', 'flows/orders.yaml'],
  ])
    expect(await project.pype(args)).toMatchObject({ code: 0 })
  return project
}

function blockOf(file: string): string {
  return new RegExp(`^\`\`\`[a-z]+ ${file.replace('.', '\\.')}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? ''
}
