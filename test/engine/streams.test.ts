import { once } from 'node:events'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { PypeError, type Relation, sql } from '../../src/sdk/sdk.js'
import { openStreamEngine, readAll, streamOf } from './stream-engine.js'

const CSV = { format: 'csv', options: { header: false } } as const
const names = new Map()
const options = { names, signal: new AbortController().signal }

function* numbered(rows: number): Generator<string> {
  for (let i = 0; i < rows; i += 10_000) {
    let text = ''
    for (let k = i; k < Math.min(rows, i + 10_000); k++) text += `${k},row ${k}\n`
    yield text
  }
}

async function* failing(rows: number): AsyncGenerator<string> {
  yield* numbered(rows)
  throw new PypeError('MODULE_FAILED', 'The line went dead.')
}

describe('rows that come in by a stream', () => {
  it('are all there, 2,000,000 of them', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(2_000_000))
    const sums = sql`SELECT count(*) AS n, sum(id) AS total, count(DISTINCT name) AS names FROM ${rows}`
    expect(await engine.head(sums, 1, options)).toEqual([{ n: 2_000_000, total: '1999999000000', names: 2_000_000 }])
  })

  it('keep NULL and the empty text, quotes, ends of lines and every character', async () => {
    const { engine } = await openStreamEngine()
    const text = '1,\n2,""\n3,"a ""quote"", a comma"\n4,"two\r\nlines\nand\rmore"\n5,ü€😀\n6,\\.\n7," blanks "\n8,NULL\n'
    const rows = streamOf(['id BIGINT', 'v VARCHAR'], () => [text])
    expect((await engine.head(rows, 20, options)).map(({ v }) => v)).toEqual([
      null,
      '',
      'a "quote", a comma',
      'two\r\nlines\nand\rmore',
      'ü€😀',
      '\\.',
      ' blanks ',
      'NULL',
    ])
  })

  it('of one column may be NULL', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['v VARCHAR'], () => ['a\n\n""\n\n'])
    expect(await engine.head(rows, 20, options)).toEqual([{ v: 'a' }, { v: null }, { v: '' }, { v: null }])
  })

  it('are read as the types of their columns, or by an expression over their text', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(
      ['d DECIMAL(38,9)', 'ok BOOLEAN', 't TIMESTAMP WITH TIME ZONE', 'photo BLOB', 'tags INTEGER[]'],
      () => ['12345678901234567890.123456789,t,2026-01-31 12:00:00.123456+02,\\x00ff,"[1,null,3]"\n'],
      { photo: 'unhex(substr(photo, 3))', tags: 'CAST(tags AS JSON)' },
    )
    expect(await engine.head(rows, 20, options)).toEqual([
      { d: '12345678901234567890.123456789', ok: true, t: '2026-01-31 10:00:00.123456+00', photo: '\\x00\\xFF', tags: '[1,null,3]' },
    ])
  })

  it('may be none', async () => {
    const { engine } = await openStreamEngine()
    expect(
      await engine.head(
        streamOf(['v VARCHAR'], () => []),
        1,
        options,
      ),
    ).toEqual([])
  })

  it('may have more than 2 MB each', async () => {
    const { engine } = await openStreamEngine()
    const long = 'x'.repeat(5_000_000)
    const rows = streamOf(['v VARCHAR'], () => [`a\n${long}\nb\n`])
    expect(await engine.head(sql`SELECT length(v) AS n FROM ${rows}`, 9, options)).toEqual([{ n: 1 }, { n: 5_000_000 }, { n: 1 }])
  })

  it('are not asked for by whoever asks for their columns', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name text'], () => numbered(1))
    expect(await engine.columns(sql`SELECT *, id + 1 AS next FROM ${rows}`, options)).toEqual([
      { name: 'id', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'next', type: 'BIGINT' },
    ])
    await engine.estimateRows(rows, options)
    expect(rows.sent).toHaveLength(0)
  })

  it('are sent once to a statement that reads them twice', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(100_000))
    const joined = sql`SELECT count(*) AS n FROM ${rows} AS a JOIN ${rows} AS b ON a.id = b.id + 1`
    expect(await engine.head(joined, 1, options)).toEqual([{ n: 99_999 }])
    expect(rows.sent).toHaveLength(1)
  })

  // The engine reads the table of a recursive query once in each of its rounds.
  it('are sent once to a recursive query', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(100))
    const chain = sql`WITH RECURSIVE t(id) AS (SELECT 1 UNION ALL SELECT r.id FROM t JOIN ${rows} AS r ON r.id = t.id + 1) SELECT count(*) AS n FROM t`
    expect(await engine.head(chain, 1, options)).toEqual([{ n: 99 }])
    expect(rows.sent).toHaveLength(1)
  })

  it('are let go when the statement needs no more of them', async () => {
    const { engine } = await openStreamEngine()
    const endless = streamOf(['id BIGINT'], function* () {
      for (let i = 0; ; i++) yield `${i}\n`.repeat(1000)
    })
    expect(await engine.head(endless, 1, options)).toEqual([{ id: 0 }])
    expect(endless.sent[0]?.destroyed).toBe(true)
  })

  it('come in from 16 senders at once', async () => {
    const { engine, folder } = await openStreamEngine()
    const copies = Array.from({ length: 16 }, (_, i) =>
      engine.copy(
        streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(50_000)),
        path.join(folder, `${i}.csv`),
        CSV,
        options,
      ),
    )
    expect((await Promise.all(copies)).map(({ rows }) => rows)).toEqual(Array(16).fill(50_000))
    const streams = Array.from({ length: 16 }, () => streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(50_000)))
    const union = streams
      .slice(1)
      .reduce((all, stream) => sql`SELECT * FROM ${all} UNION ALL SELECT * FROM ${stream}`, sql`SELECT * FROM ${streams[0]}`)
    expect(await engine.head(sql`SELECT count(*) AS n FROM ${union}`, 1, options)).toEqual([{ n: 800_000 }])
  })

  it.each([10, 300_000])('are thrown away when the sender fails after %i of them', async (count) => {
    const { engine, folder } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => failing(count))
    const target = { kind: 'memory', path: path.join(folder, 'p.parquet'), maxRows: 1e9 } as const
    const named = { names: new Map([[rows, 'load.data']]), signal: options.signal }
    await expect(engine.store(rows, target, named)).rejects.toMatchObject({
      code: 'MODULE_FAILED',
      message: 'The line went dead.',
      node: 'load',
    })
    expect(rows.sent).toHaveLength(1)
    await expect(engine.store(rows, { ...target, kind: 'parquet' }, named)).rejects.toMatchObject({ message: 'The line went dead.' })
    const tables = sql`SELECT count(*) AS n FROM duckdb_tables()`
    expect(await engine.head(tables, 1, options)).toEqual([{ n: 0 }])
  })

  it('are thrown away when their sender cannot be opened', async () => {
    const { engine } = await openStreamEngine()
    const rows = { ...streamOf(['v VARCHAR'], () => []), open: () => Promise.reject(new PypeError('DISK_FULL', 'no line')) }
    await expect(engine.head(rows, 1, options)).rejects.toMatchObject({ code: 'DISK_FULL' })
  })

  it.each(['1,a\n2', '1,a\n2,b', '1,a\n2,"b', '1,a\n2,"b"', '1,a\n2,"b""'])(
    'that end in the middle of one (%j) are an error',
    async (text) => {
      const { engine } = await openStreamEngine()
      const rows = streamOf(['id BIGINT', 'v VARCHAR'], () => [text])
      await expect(engine.head(rows, 9, options)).rejects.toMatchObject({
        code: 'BAD_ROW',
        message: expect.stringContaining('ends in the middle of a row'),
      })
    },
  )

  it('and do not fit their columns are an error that says which', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'v VARCHAR'], () => ['1,a\nx,b\n'])
    await expect(engine.head(rows, 9, { ...options, names: new Map([[rows, 'load.data']]) })).rejects.toMatchObject({
      code: 'BAD_ROW',
      message: expect.stringMatching(/^What was sent, line 2: .*"x"/),
      node: 'load',
    })
  })

  it('to a query that fails over them are blamed on the query', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(100_000))
    const query = sql`SELECT error('no') AS v FROM ${rows} WHERE id = 50000`
    const named = new Map<Relation, string>().set(rows, 'load.data').set(query, 'pick.output')
    await expect(engine.head(query, 9, { ...options, names: named })).rejects.toMatchObject({ code: 'SQL_FAILED', node: 'pick' })
    expect(rows.sent.every(({ destroyed }) => destroyed)).toBe(true)
  })
})

describe('rows that are sent', () => {
  const many = (rows: number) => sql`SELECT range AS id, 'row ' || range AS name FROM range(${rows})`

  it('are all there, 2,000,000 of them, in and out', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(2_000_000))
    const kept = sql`SELECT id, name FROM ${rows} WHERE id % 2 = 0`
    const sums = await engine.send(
      kept,
      CSV,
      async (bytes) => {
        const hash = new Map([
          ['lines', 0],
          ['bytes', 0],
        ])
        for await (const piece of bytes as AsyncIterable<Buffer>) {
          hash.set('bytes', (hash.get('bytes') ?? 0) + piece.length)
          hash.set('lines', (hash.get('lines') ?? 0) + piece.reduce((sum, byte) => sum + Number(byte === 10), 0))
        }
        return hash
      },
      options,
    )
    let expected = 0
    for (let i = 0; i < 2_000_000; i += 2) expected += 2 * String(i).length + 6
    expect(sums).toEqual({
      rows: 1_000_000,
      result: new Map([
        ['lines', 1_000_000],
        ['bytes', expected],
      ]),
    })
  })

  it('keep NULL and the empty text, quotes, ends of lines and every character', async () => {
    const { engine } = await openStreamEngine()
    const values = sql`SELECT * FROM (VALUES (1, NULL), (2, ''), (3, 'a "b", c'), (4, ${'x\r\ny\nz'}), (5, 'ü€😀'), (6, ${'\\.'})) AS t(id, v) ORDER BY id`
    const { result } = await engine.send(values, CSV, readAll, options)
    expect(result).toBe('1,\n2,""\n3,"a ""b"", c"\n4,"x\r\ny\nz"\n5,ü€😀\n6,\\.\n')
    const back = streamOf(['id INTEGER', 'v VARCHAR'], () => [result])
    expect((await engine.head(back, 9, options)).map(({ v }) => v)).toEqual([null, '', 'a "b", c', 'x\r\ny\nz', 'ü€😀', '\\.'])
  })

  it('may be none', async () => {
    const { engine } = await openStreamEngine()
    expect(await engine.send(many(0), CSV, readAll, options)).toEqual({ rows: 0, result: '' })
  })

  it('go out as lines of JSON too, and not as Parquet', async () => {
    const { engine } = await openStreamEngine()
    expect(await engine.send(many(1), { format: 'json', options: {} }, readAll, options)).toEqual({
      rows: 1,
      result: '{"id":0,"name":"row 0"}\n',
    })
    await expect(engine.send(many(1), { format: 'parquet', options: {} }, readAll, options)).rejects.toMatchObject({
      code: 'MODULE_FAILED',
    })
  })

  it('end with the error of the query when it fails, at whoever reads them too', async () => {
    const { engine } = await openStreamEngine()
    const query = sql`SELECT CASE WHEN id = 900000 THEN error('row 900000') ELSE id END AS v FROM ${many(1_000_000)}`
    const seen: unknown[] = []
    const sending = engine.send(query, CSV, (bytes) => readAll(bytes).catch((error) => seen.push(error)), {
      ...options,
      names: new Map([[query, 'pick.output']]),
    })
    await expect(sending).rejects.toMatchObject({ code: 'SQL_FAILED', node: 'pick' })
    expect(seen).toMatchObject([{ code: 'SQL_FAILED' }])
  })

  it('end with the error of the sender that they come from', async () => {
    const { engine } = await openStreamEngine()
    const seen: unknown[] = []
    const sending = engine.send(
      streamOf(['id BIGINT', 'name VARCHAR'], () => failing(200_000)),
      CSV,
      (bytes) => readAll(bytes).catch((error) => seen.push(error)),
      options,
    )
    await expect(sending).rejects.toMatchObject({ message: 'The line went dead.' })
    expect(seen).toMatchObject([{ message: 'The line went dead.' }])
  })

  // The engine waits for somebody to read when the sender fails.
  it('end with the error of the sender while nobody reads them', async () => {
    const { engine } = await openStreamEngine()
    const rows = streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(Number.POSITIVE_INFINITY))
    const unread = async (bytes: Readable) => {
      await once(bytes, 'readable')
      rows.sent[0]?.destroy(new PypeError('MODULE_FAILED', 'The line went dead.'))
      await once(bytes, 'close')
    }
    await expect(engine.send(rows, CSV, unread, options)).rejects.toMatchObject({ message: 'The line went dead.' })
  })

  it('stop when whoever reads them fails, and its error is thrown', async () => {
    const { engine } = await openStreamEngine()
    const endless = streamOf(['id BIGINT'], function* () {
      for (let i = 0; ; i++) yield `${i}\n`.repeat(1000)
    })
    const first = engine.send(
      endless,
      CSV,
      async (bytes) => {
        await once(bytes, 'readable')
        throw new PypeError('CONFIG_INVALID', 'I do not like them.')
      },
      options,
    )
    await expect(first).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(endless.sent[0]?.destroyed).toBe(true)
    // Its stream breaks before the reader has said why.
    const second = engine.send(
      endless,
      CSV,
      async (bytes) => {
        for await (const _ of bytes) break
        await nextTurn()
        throw new PypeError('CONFIG_INVALID', 'I do not like these either.')
      },
      options,
    )
    await expect(second).rejects.toMatchObject({ message: 'I do not like these either.' })
    await expect(engine.send(endless, CSV, async () => 'done', options)).rejects.toMatchObject({ code: 'MODULE_FAILED' })
  })

  describe('stop when the run is cancelled', () => {
    const reason = new PypeError('CANCELLED', 'Ctrl-C')

    it('before it begins', async () => {
      const { engine } = await openStreamEngine()
      await expect(engine.send(many(10), CSV, readAll, { names, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    it('while the sender is asked for them', async () => {
      const { engine } = await openStreamEngine()
      const cancel = new AbortController()
      const silent = {
        ...streamOf(['id BIGINT'], () => []),
        open: async (signal: AbortSignal) => {
          setImmediate(() => cancel.abort(reason))
          await once(signal, 'abort')
          throw signal.reason
        },
      }
      await expect(engine.send(silent, CSV, readAll, { names, signal: cancel.signal })).rejects.toBe(reason)
    })

    it('while the sender sends nothing', async () => {
      const { engine } = await openStreamEngine()
      const cancel = new AbortController()
      const silent = streamOf(['id BIGINT'], async function* () {
        yield '1\n'
        cancel.abort(reason)
        await new Promise(() => {})
      })
      await expect(engine.send(silent, CSV, readAll, { names, signal: cancel.signal })).rejects.toBe(reason)
      expect(silent.sent[0]?.destroyed).toBe(true)
    })

    it('while nobody reads them', async () => {
      const { engine } = await openStreamEngine()
      const cancel = new AbortController()
      const unread = async (bytes: Readable) => {
        await once(bytes, 'readable')
        cancel.abort(reason)
        await once(bytes, 'close')
      }
      await expect(engine.send(many(2_000_000), CSV, unread, { names, signal: cancel.signal })).rejects.toBe(reason)
    })
  })

  it('keep the order of the query that sorts them', async () => {
    const { engine } = await openStreamEngine()
    const sorted = sql`SELECT id FROM ${streamOf(['id BIGINT', 'name VARCHAR'], () => numbered(300_000))} ORDER BY id DESC`
    const { result } = await engine.send(sorted, CSV, readAll, options)
    const ids = result.trimEnd().split('\n')
    expect(ids).toEqual(Array.from(ids, (_, i) => String(ids.length - 1 - i)))
  })

  it('and their senders wait for a slow reader', async () => {
    const { engine } = await openStreamEngine()
    const piece = `1,${'x'.repeat(1000)}\n`.repeat(64)
    let sent = 0
    const endless = streamOf(['id BIGINT', 'note VARCHAR'], function* () {
      for (;;) {
        sent += piece.length
        yield piece
      }
    })
    let ahead = 0
    const slow = async (bytes: Readable) => {
      let read = 0
      for await (const part of bytes as AsyncIterable<Buffer>) {
        read += part.length
        for (let before = -1; before !== sent; await nextTurn()) before = sent
        ahead = Math.max(ahead, sent - read)
        if (read > 200e6) throw new Error('enough')
      }
    }
    await expect(engine.send(endless, CSV, slow, options)).rejects.toThrow('enough')
    expect(ahead).toBeLessThan(150e6)
  })
})
