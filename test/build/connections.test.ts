import { describe, expect, it } from 'vitest'
import { buildText, codesOf, writeFlow } from './flow-project.js'

/** A flow whose sink has this connection. */
function flowWith(connection: string): string {
  return writeFlow({
    modules: ['src: csv_source, file_path: a.csv', `db: load_table, connection: ${connection}`],
    data: ['src.data - db.input'],
  })
}

describe('a connection in a flow', () => {
  it.each([
    'postgres://etl@db.example/warehouse',
    '"postgres://etl:{{secret.db/main#password}}@{{env.DB_HOST}}/warehouse"',
    '"{{context.warehouse}}"',
    '{ host: db, port: 5432, database: w, user: etl, password: "{{secret.db#password}}", ssl: { rejectUnauthorized: false } }',
  ])('can be %s', async (connection) => {
    expect(await codesOf(flowWith(connection))).toEqual([])
  })

  it.each([
    'mysql://etl@db/w',
    '"postgres://etl@db"',
    '{ host: db, user: etl }',
    '{ host: db, database: w, user: etl, prot: 1 }',
    '[a]',
    '12',
  ])('cannot be %s', async (connection) => {
    expect(await codesOf(flowWith(connection))).toEqual(['CONFIG_TYPE'])
  })

  it('keeps a password that looks like a number', async () => {
    const { dag } = await buildText(flowWith('{ host: db, database: w, user: etl, password: 012345 }'))
    expect(dag.nodes[1]?.configs.connection).toMatchObject({ password: '012345' })
  })
})

describe('a password that is written out in a flow', () => {
  it('is a warning at its value, which does not show it', async () => {
    const { diagnostics } = await buildText(flowWith('{ host: "{{env.H}}", database: w, user: etl, password: hunter2 }'))
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'PASSWORD_IN_FLOW', at: { line: 5 } }])
    const line = flowWith('{ host: "{{env.H}}", database: w, user: etl, password: hunter2 }').split('\n')[4] ?? ''
    expect(line.slice((diagnostics[0]?.at?.column ?? 0) - 1)).toMatch(/^hunter2/)
    expect(JSON.stringify(diagnostics)).not.toContain('hunter2')
  })

  it.each(['postgres://etl:hunter2@db/w', '"postgres://etl:hunter2@{{context.host}}/w"'])('is found in the URL %s', async (connection) => {
    expect(await codesOf(flowWith(connection))).toEqual(['PASSWORD_IN_FLOW'])
  })

  it('stays out of the message about a connection that is wrong', async () => {
    await expect(buildText(flowWith('postgres://etl:hunter2@db'))).rejects.toMatchObject({
      message: expect.not.stringContaining('hunter2'),
      diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'CONFIG_TYPE' })]),
    })
  })
})
