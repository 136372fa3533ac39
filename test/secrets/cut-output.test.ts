import { chmodSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { JobPlace } from '../run/job/job-fixture.js'

const SECRET = 'correct-horse-battery-staple'
const place = new JobPlace()
afterEach(() => place.remove())

it("a secret across a cut of a command's output shows in no part of it", async () => {
  place.write('context/sample_default.json', '{ "secrets": { "provider": "file", "path": "secrets.json" } }')
  chmodSync(place.write('secrets.json', JSON.stringify({ db: { password: SECRET } })), 0o600)
  // Across the bound of a line, across the end of what is read of one, and across that of what the globals and the message keep.
  place.write(
    'print.mjs',
    `const secret = process.env.TOKEN
const line = (before, after) => process.stdout.write('q'.repeat(before) + secret + 'z'.repeat(after) + '\\n')
line(16384 - 14, 0)
line(16384 - 14, 100000)
line(32768 - 14, 100000)
line(0, 65536 - 14)
process.stderr.write('q'.repeat(100) + secret + 'z'.repeat(1000 - 14))
process.exit(1)
`,
  )
  const job = await place.build(`
settings: { retries: 0 }
modules:
  - { id: run, name: shell, configs: { command: [node, print.mjs], env: { TOKEN: "{{secret.db#password}}" } } }
connections: { data: [], control: [] }
`)
  const { errors, folder } = await place.run(job, { log: { level: 'debug', destinations: ['file'] } })
  expect(errors).toMatchObject([{ code: 'COMMAND_FAILED' }])
  const written = [
    JSON.stringify(errors),
    ...readdirSync(folder).flatMap((file) => (/log/.test(file) ? [readFileSync(path.join(folder, file), 'utf8')] : [])),
  ].join('\n')
  expect(written).toContain('q***')
  expect(written.match(/correct|horse|battery|staple|qc|[aple]z/g)).toBeNull()
})
