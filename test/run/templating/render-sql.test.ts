import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.js'
import { openEngine } from '../../../src/engine/duckdb/open-engine.js'
import type { Engine, TypedValue } from '../../../src/engine/engine.js'
import type { Found } from '../../../src/run/templating/found.js'
import type { Lookup } from '../../../src/run/templating/lookup.js'
import { renderSql } from '../../../src/run/templating/render.js'
import { sql } from '../../../src/sdk/sql.js'

let engine: Engine
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pype-render-'))
  engine = await openEngine({ spillDir: folder, memoryLimit: '500MB', threads: 1, statements: 2, timeZone: 'UTC', cwd: folder })
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const signal = new AbortController().signal

function lookupOf(values: { readonly [name: string]: Found }): Lookup {
  return (ref) => {
    const found = ref.scope === 'context' ? values[ref.name] : undefined
    if (found === undefined) throw new Error('no such value')
    return found
  }
}

function json(value: Json): Lookup {
  return lookupOf({ v: { kind: 'json', value } })
}

/** The one value that `SELECT <text>` gives. */
async function evaluate(text: string, lookup: Lookup): Promise<TypedValue | undefined> {
  const row = await engine.firstRow(sql`SELECT ${renderSql(text, lookup)} AS value`, { names: new Map(), signal })
  expect(Object.keys(row)).toEqual(['value'])
  return row.value
}

// NUL ends a text for the engine; it is refused there and cannot lead anywhere.
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$',
        '$$',
        '--',
        '/*',
        '*/',
        ';',
        '\n',
        '{{',
        '}}',
        '[',
        ')',
        '||',
        'é',
        '😀',
        "E'",
        ' UNION SELECT 1',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join('').replaceAll('\0', ''))

describe('a value in SQL', () => {
  it.each([
    ['as code', '{{context.v}}', (v: string) => v],
    ['behind a letter that makes another kind of string', "concat('', {{context.v}})", (v: string) => v],
    ['in a quoted string', "'<{{context.v}}>'", (v: string) => `<${v}>`],
    ['in a string with escapes', "E'\\t{{context.v}}\\n'", (v: string) => `\t${v}\n`],
    ['in a string with a doubled quote before it', "'it''s {{context.v}}'", (v: string) => `it's ${v}`],
    ['behind a comment with a quote', "/* don't */ {{context.v}} -- 'x", (v: string) => v],
    ['behind a nested comment', "/* a /* ' */ ' */ {{context.v}}", (v: string) => v],
    ['behind a name with a quote', '(SELECT {{context.v}} AS "a\'b""c")', (v: string) => v],
    ['twice, side by side in strings', "'{{context.v}}{{context.v}}' || {{context.v}}", (v: string) => v + v + v],
  ])('stays what it is %s, whatever it holds', async (_, text, expected) => {
    await fc.assert(
      fc.asyncProperty(nasty, async (value) => {
        expect((await evaluate(text, json(value)))?.text).toBe(expected(value))
      }),
      { numRuns: 150 },
    )
  })

  it('cannot end the comment that it stands in', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (value) => {
        expect((await evaluate('1 /* {{context.v}} */ -- {{context.v}}\n + 1', json(value)))?.text).toBe('2')
      }),
      { numRuns: 100 },
    )
  })

  it('between dollar signs stays what it is, or is refused', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (value) => {
        const text = '$t$<{{context.v}}>$t$'
        if (value.includes('$')) expect(() => renderSql(text, json(value))).toThrow(expect.objectContaining({ code: 'TEMPLATE_VALUE' }))
        else expect((await evaluate(text, json(value)))?.text).toBe(`<${value}>`)
      }),
      { numRuns: 150 },
    )
  })

  it('in a quoted name is one name', async () => {
    await fc.assert(
      fc.asyncProperty(
        nasty.filter((value) => value !== ''),
        async (value) => {
          const row = await engine.firstRow(sql`SELECT 1 AS ${renderSql('"c{{context.v}}"', json(value))}`, { names: new Map(), signal })
          expect(Object.keys(row)).toEqual([`c${value}`])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('right behind a letter does not become a string with escapes', async () => {
    const lookup = json("\\' || 'out")
    await expect(evaluate('e{{context.v}}', lookup)).rejects.toMatchObject({ code: 'SQL_INVALID' })
  })

  it.each(["name = 'x", 'a /* b', '"a', '$$ x'])('stands in a text that is closed: %s', (text) => {
    expect(() => renderSql(text, json(1))).toThrow(expect.objectContaining({ code: 'SQL_INVALID' }))
  })

  it('is a bound parameter in a condition', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async (value) => {
        const condition = renderSql(
          "{{context.v}} = {{context.w}} AND '{{context.v}}' = {{context.w}}",
          lookupOf({ v: { kind: 'json', value }, w: { kind: 'json', value } }),
        )
        expect(await engine.condition(condition, signal)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('has the type and the exact value of the global that it comes from', async () => {
    const typed = (type: string, text: string | null) => lookupOf({ v: { kind: 'typed', value: { type, text } } })
    expect(await evaluate('{{context.v}}', typed('DECIMAL(38,10)', '1234567890123456789012345678.0123456789'))).toEqual({
      type: 'DECIMAL(38,10)',
      text: '1234567890123456789012345678.0123456789',
    })
    expect(await evaluate('{{context.v}} + 1', typed('BIGINT', '9223372036854775806'))).toEqual({
      type: 'BIGINT',
      text: '9223372036854775807',
    })
    expect(await evaluate('{{context.v}} + INTERVAL 1 DAY', typed('DATE', '2026-02-28'))).toMatchObject({ text: '2026-03-01 00:00:00' })
    expect(await engine.condition(renderSql('{{context.v}} > 3', typed('BIGINT', '4')), signal)).toBe(true)
    expect(await engine.condition(renderSql('{{context.v}} > 3', typed('BIGINT', null)), signal)).toBeNull()
  })

  it('that is absent is NULL as code and an error in a string', async () => {
    const absent = lookupOf({ v: { kind: 'absent', why: 'the node a was skipped' } })
    expect(await engine.condition(renderSql('{{context.v}} IS NULL', absent), signal)).toBe(true)
    expect(() => renderSql("'{{context.v}}'", absent)).toThrow('the node a was skipped')
  })
})
