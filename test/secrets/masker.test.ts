import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PypeError } from '../../src/core/errors.js'
import { maskCoded } from '../../src/run/secrets/mask-error.js'
import { Masker } from '../../src/run/secrets/masker.js'

function maskerOf(...secrets: readonly string[]): Masker {
  const masker = new Masker()
  for (const secret of secrets) masker.add(secret)
  return masker
}

/** Texts without half a character, which no bytes stand for. */
const text = (minLength: number) => fc.string({ unit: 'grapheme', minLength })

describe('a masker', () => {
  it('finds every secret in any text, as it is and encoded', () => {
    fc.assert(
      fc.property(text(4), fc.string(), fc.string(), (secret, before, after) => {
        const masker = maskerOf(secret)
        const bytes = Buffer.from(secret)
        for (const form of [
          secret,
          JSON.stringify(secret),
          encodeURIComponent(secret),
          bytes.toString('hex'),
          bytes.toString('hex').toUpperCase(),
        ]) {
          expect(masker.mask(`${before}${form}${after}`).includes('***')).toBe(true)
        }
        expect(masker.mask(Buffer.from(`${before}${secret}${after}`).toString('base64')).includes('***')).toBe(true)
      }),
    )
  })

  it('leaves a text alone in which there is none', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-m ]*$/), (other) => {
        expect(maskerOf('xyz-uvw', 'q+r/s').mask(other)).toBe(other)
      }),
    )
  })

  it('masks the whole of a secret that has another one in it', () => {
    expect(maskerOf('pass', 'pass-and-more').mask('pass-and-more, pass')).toBe('***, ***')
  })

  it('knows secrets that are added later, and none that are too short', () => {
    const masker = maskerOf('abc')
    expect(masker.mask('abc later')).toBe('abc later')
    masker.add('later')
    expect(masker.mask('abc later')).toBe('abc ***')
  })

  it('masks keys and texts of a value, and leaves numbers', () => {
    expect(maskerOf('12345').maskJson({ '12345': ['a12345', 12345, null] })).toEqual({ '***': ['a***', 12345, null] })
  })
})

describe('an error', () => {
  it('keeps its code, place and node, and loses secrets down to the last cause', () => {
    const masker = maskerOf('hunter2')
    const cause = Object.assign(new TypeError('login hunter2', { cause: new Error('hunter2 again') }), { config: { password: 'hunter2' } })
    const at = { file: 'a.yaml', line: 1, column: 2 }
    const masked = maskCoded(new PypeError('SQL_FAILED', 'with hunter2', { cause, at, node: 'n', hint: 'try hunter2' }), masker)
    expect(masked).toMatchObject({ code: 'SQL_FAILED', message: 'with ***', hint: 'try ***', at, node: 'n' })
    expect(masked.cause).toMatchObject({ name: 'TypeError', message: 'login ***', cause: { message: '*** again' } })
    expect(masked.cause).not.toHaveProperty('config')
    expect(masked.stack).toContain('masker.test.ts')
    expect(masked.stack).not.toContain('hunter2')
  })

  it('stays the same one when it holds none', () => {
    const error = new PypeError('SQL_FAILED', 'plain', { cause: new Error('plain too') })
    expect(maskCoded(error, maskerOf('hunter2'))).toBe(error)
  })

  it('loses a cause that holds a secret only in a field', () => {
    const cause = Object.assign(new Error('refused'), { response: { config: { headers: { token: 'hunter2' } } } })
    const masked = maskCoded(new PypeError('SQL_FAILED', 'plain', { cause }), maskerOf('hunter2'))
    expect(masked.cause).toMatchObject({ message: 'refused' })
    expect(masked.cause).not.toHaveProperty('response')
  })
})
