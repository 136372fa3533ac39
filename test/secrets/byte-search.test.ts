import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { createProject, type Ended, type PypeProject } from '../cli/pype-project.js'

/** With all that encodings change: quotes, a backslash, a percent sign, a blank, what is not ASCII. */
const SECRET = `pä%ss/w"or'd \\$x+é?`
const KEY_LINES = ['MIIEpAIBAAKCAQEA7x1Zr2t8Qk', 'q93kfJ2mPzL0vWcYb4Hs6TdEo1']
const KEY = `-----BEGIN KEY-----\n${KEY_LINES.join('\n')}\n-----END KEY-----\n`
const FROM_ENV = 'db:from@env/42!'
const IN_CONTEXT = 'plain&in=context#7'
const HIDDEN = [SECRET, ...KEY_LINES, FROM_ENV, IN_CONTEXT]

const HEAD = (name: string, more: string) => `
import { defineModule, PypeError } from 'pypeline/sdk'
export default defineModule({
  name: '${name}', type: 'solo', version: '1.0.0', description: 'Tells what it should not.', category: 'Tests', packages: [],
  inputPorts: [], outputPorts: [], ${more}`

/** Publishes and logs secrets in whatever way a module has. */
const TELLER = `${HEAD('teller', "globals: { told: { type: 'str', description: 'A secret.' } }, items: true,")}
  config: { required: { token: { type: 'secret', description: 'Token.', example: 'x' } }, optional: {} },
  run: (inputs, ctx) => {
    const { token } = ctx.config
    for (const level of ['debug', 'info', 'warn', 'error']) ctx.logger[level]('the token is ' + token, { [token]: { list: [token, JSON.stringify(token)] } })
    ctx.setGlobal('told', 'told: ' + token)
    ctx.setItems([{ text: 'item ' + token }, token])
  },
})
`

/** Fails as drivers do: with secrets in the message, in fields, and in what caused it. */
const FAILER = `${HEAD('failer', 'globals: {},')}
  config: {
    required: { token: { type: 'secret', description: 'Token.', example: 'x' }, from_env: { type: 'connection', description: 'Where.', example: 'postgres://u@h/d' } },
    optional: { plain: { type: 'connection', description: 'Where.', example: 'postgres://u@h/d' } },
  },
  run: (inputs, ctx) => {
    ctx.logger.info('going to ' + ctx.config.from_env.label)
    const cause = Object.assign(new Error('login with ' + ctx.env.DB_PASSWORD + ' and ' + PLAIN + ' failed'), { request: { headers: ctx.config.token } })
    throw new PypeError('MODULE_FAILED', 'refused: https://x/?t=' + encodeURIComponent(ctx.config.token) + ' ' + PLAIN, { cause, hint: 'is it ' + ctx.config.token + '?' })
  },
})
const PLAIN = ${JSON.stringify(IN_CONTEXT)}
`

/** Prints a secret in every form that a command might. */
const PRINTER = `
const { TOKEN, KEY, DB_PASSWORD } = process.env
for (const write of [console.log, console.error]) {
  for (const value of [TOKEN, DB_PASSWORD]) {
    write(value)
    write(JSON.stringify({ value }))
    write(JSON.stringify(JSON.stringify({ value })))
    write(encodeURIComponent(value), encodeURIComponent(value).toLowerCase().includes('%') ? encodeURIComponent(value).replace(/%../g, (hex) => hex.toLowerCase()) : '')
    write(new URLSearchParams({ value }).toString())
    for (const before of ['', 'a', 'ab', 'user:']) write(Buffer.from(before + value + ' after').toString('base64'), Buffer.from(before + value).toString('base64url'))
    write(Buffer.from(value).toString('hex'), Buffer.from(value).toString('hex').toUpperCase())
    write("'" + value.replaceAll("'", "'\\\\''") + "'")
    write("'" + value.replaceAll("'", "''") + "'")
  }
  write(KEY)
  write(JSON.stringify(KEY))
}
`

const FLOW = `
flow: { name: flow, version: 1.0.0, authors: [me], created: "2026-01-15" }
settings: { retries: 1, retry_delay: 0, fail_strategy: continue }
modules:
  - { id: printer, name: shell, configs: { command: [node, print.mjs], env: { TOKEN: "{{secret.db/main#password}}", KEY: "{{secret.db/main#key}}" } } }
  - { id: nosy, name: shell, configs: { command: "env; ps -o args= -p $$ $PPID" } }
  - { id: say, name: log, configs: { message: "{{printer__stdout}} {{printer__stderr}} {{nosy__stdout}} {{teller__told}}" } }
  - { id: keep, name: set_global, configs: { values: { text: "{{printer__stdout}}", again: "{{teller__told}}" } } }
  - { id: teller, name: teller, configs: { token: "{{context.token}}" } }
  - { id: each, name: log, configs: { message: "{{iter.item}}" } }
  - { id: failer, name: failer, configs: { token: "{{secret.db/main#password}}", from_env: "postgres://etl:{{env.DB_PASSWORD}}@db.example/w", plain: "{{context.warehouse}}" } }
  - { id: mourn, name: log, configs: { message: "{{failer__error_message}}" } }
connections:
  data: []
  control: ["printer (1|) nosy", "nosy (1|) teller", "teller (1|) say", "say (1|) keep", "teller (2|iterate) each", "nosy (2|) failer", "failer (1|error) mourn"]
`

/** The forms that are searched for, worked out apart from the code that masks them. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before, 'x'), bytes]).toString('base64')
    return text.slice(before === 0 ? 0 : before + 1, text.length - 4)
  })
  const url = encodeURIComponent(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    url,
    url.replace(/%../g, (hex) => hex.toLowerCase()),
    new URLSearchParams({ a: secret }).toString().slice(2),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    secret.replaceAll("'", "''"),
    secret.replaceAll("'", `'\\''`),
  ]
}

/** Where a secret stands in one of its forms. */
function findLeaks(texts: { readonly [where: string]: string }): string[] {
  return Object.entries(texts).flatMap(([where, text]) =>
    HIDDEN.flatMap((secret) => formsOf(secret).flatMap((form) => (text.includes(form) ? [`${form} in ${where}`] : []))),
  )
}

/** Every file of the job, but for the copy of the context that the user wrote. */
function readJob(project: PypeProject): { readonly [file: string]: string } {
  const root = path.join(project.folder, 'jobs')
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((file) => statSync(path.join(root, file)).isFile() && !file.includes('context/'))
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))
}

function createLeakyProject(): PypeProject {
  const project = createProject({
    'flow.yaml': FLOW,
    'context/flow_default.json': JSON.stringify({
      secrets: { provider: 'file', path: 'secrets.json' },
      token: '{{secret.db/main#password}}',
      warehouse: { host: 'db.example', database: 'plain', user: 'etl', password: IN_CONTEXT },
      url: `postgres://etl:${encodeURIComponent(FROM_ENV)}@db.example/url`,
      from_env: '{{env.DB_PASSWORD}}',
    }),
    'secrets.json': JSON.stringify({ 'db/main': { password: SECRET, key: KEY } }),
    'print.mjs': PRINTER,
    'ModRegistry.json': '{}',
    'modules/solo/teller.ts': TELLER,
    'modules/solo/failer.ts': FAILER,
  })
  chmodSync(path.join(project.folder, 'secrets.json'), 0o600)
  return project
}

it('no secret or password stands in anything that a run writes or prints, failing and resumed', { timeout: 60_000 }, async () => {
  const project = createLeakyProject()
  const env = { DB_PASSWORD: FROM_ENV, PYPE_DEBUG: '1', DEBUG: '*' }
  const logs = ['--log', 'file,stderr', '--log-level', 'debug']
  const ended: Ended[] = []
  ended.push(await project.pype(['auto-register'], { env }), await project.pype(['build', 'flow.yaml'], { env }))
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  ended.push(await project.pype(['run', 'jobs/flow', ...logs, '--json'], { env }))
  ended.push(await project.pype(['run', 'jobs/flow', '--resume', ...logs], { env }))
  expect(ended.slice(2).map(({ code }) => code)).toEqual([1, 1])
  const printed = Object.fromEntries(
    ended.flatMap(
      ({ stdout, stderr }, i) =>
        [
          [`stdout ${i}`, stdout],
          [`stderr ${i}`, stderr],
        ] as const,
    ),
  )
  expect(findLeaks({ ...readJob(project), ...printed })).toEqual([])
  // What told them did run.
  const all = Object.values({ ...readJob(project), ...printed }).join('\n')
  for (const told of [
    'the token is ***',
    'told: ***',
    'item ***',
    'refused: https://x/?t=***',
    'login with *** and *** failed',
    'is it ***?',
  ]) {
    expect(all).toContain(told)
  }
})
