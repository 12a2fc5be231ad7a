import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonLine, nameOf, onDisk, printable } from './file-names.js'

const bytesOf = (name: string) => Buffer.from(onDisk(name))

test('every sequence of bytes has a name of its own, which leads back to it, also through JSON', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc
      .array(fc.constantFrom(0xc3, 0xa9, 0xed, 0xb2, 0x80, 0xef, 0xbf, 0xbd, 0xbb, 0x61, 0xf0, 0x9f))
      .map(values => Uint8Array.from(values)),
  )
  fc.assert(
    fc.property(bytes, given => {
      const name = nameOf(Buffer.from(given))
      expect([...bytesOf(name)]).toEqual([...given])
      expect(JSON.parse(jsonLine(name))).toBe(name)
    }),
    { numRuns: 1000 },
  )
})

test('valid UTF-8 names are unchanged, including the replacement character and a byte order mark', () => {
  for (const name of ['a.jpg', 'ünï 照片 😀.jpg', 'lost \ufffd.jpg', '\ufeffmark.jpg']) {
    expect(nameOf(Buffer.from(name))).toBe(name)
    expect(onDisk(name)).toBe(name)
  }
})

test('only the bytes that are not UTF-8 are escaped', () => {
  expect(nameOf(Buffer.from('caf\xe9 ä.jpg', 'latin1'))).toBe('caf\udce9 \udce4.jpg')
  expect(printable(nameOf(Buffer.concat([Buffer.from('é'), Buffer.of(0xe9)])))).toBe('é\\xe9')
})

test('nothing that is printed moves the cursor, ends a line or reverses text', () => {
  expect(printable('a\n\x1b[2K\x7f\x9b\u2028\u202egpj.jpg')).toBe('a\\x0a\\x1b[2K\\x7f\\x9b\\u2028\\u202egpj.jpg')
  expect(printable('ünï 照片 👩‍🚀.jpg')).toBe('ünï 照片 👩‍🚀.jpg')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      for (const shown of [printable(text), jsonLine(text)])
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
      expect(JSON.parse(jsonLine(text))).toBe(text)
    }),
  )
})
