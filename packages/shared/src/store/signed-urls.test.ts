import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SignatureError, signPath, verifyPath } from './signed-urls.js'

describe('signed URLs', () => {
  const secret = randomBytes(32)
  const now = 1_700_000_000_000
  const path = signPath(secret, 'GET', { key: 'a/1/x.png', contentType: 'image/png' }, now / 1000 + 60)
  const verify = (method: 'GET' | 'HEAD' | 'PUT', changed: string, at = now) => verifyPath(secret, method, changed, at)

  test('allow what was signed, until they expire', () => {
    expect(verify('GET', path)).toEqual({ key: 'a/1/x.png', contentType: 'image/png' })
    expect(verify('HEAD', path)).toEqual(verify('GET', path))
    expect(verify('GET', path, now + 59_999)).toBeTruthy()
    expect(() => verify('GET', path, now + 60_000)).toThrow(SignatureError)
  })

  test.each([
    ['another method', 'PUT', path],
    ['another key', 'GET', path.replace('/1/', '/2/')],
    ['another type', 'GET', path.replace('png&', 'svg&')],
    ['no type', 'GET', path.replace(/type=[^&]*&/, '')],
    ['a later expiry', 'GET', path.replace(/expires=(\d+)/, 'expires=9999999999')],
    ['no signature', 'GET', path.replace(/&signature=.*/, '')],
    ['an empty signature', 'GET', path.replace(/signature=.*/, 'signature=')],
    ['no query', 'GET', path.replace(/\?.*/, '')],
  ] as const)('refuse %s', (_, method, changed) => {
    expect(() => verify(method, changed)).toThrow(SignatureError)
  })

  test('refuse any other change', () => {
    fc.assert(
      fc.property(fc.nat(path.length - 1), fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }), (at, character) => {
        const changed = path.slice(0, at) + character + path.slice(at + 1)
        let allowed: unknown
        try {
          allowed = verify('GET', changed)
        } catch {
          return
        }
        expect(allowed).toEqual(verify('GET', path))
      }),
      { numRuns: 2000 },
    )
  })
})
