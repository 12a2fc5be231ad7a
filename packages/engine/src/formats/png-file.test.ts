import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMs } from '../test/cpu.js'
import { exifOf } from '../test/exif.js'
import { raw, testImage } from '../test/images.js'
import { type PngChunk, pngChunks } from './png.js'
import { readPngFile } from './png-file.js'
import { writePng } from './png-write.js'
import { rawProfile } from './raw-profile.js'

const [header, ...others] = pngChunks(await raw(testImage(8, 6)).png().toBuffer())

function fileWith(...chunks: PngChunk[]): Uint8Array {
  return writePng([header, ...chunks, ...others])
}

function carriersWith(...chunks: PngChunk[]) {
  return readPngFile(fileWith(...chunks))!.carriers
}

function zTXt(keyword: string, text: string | Uint8Array): PngChunk {
  return { type: 'zTXt', data: Buffer.concat([Buffer.from(`${keyword}\0\0`, 'latin1'), deflateSync(text)]) }
}

function hexProfile(bytes: Uint8Array): string {
  return `\nexif\n    ${bytes.length}\n${Buffer.from(bytes).toString('hex')}\n`
}

describe('raw profiles', () => {
  it('are read whatever the spaces in them', () => {
    const bytes = Buffer.from('0123456789abcdef00ff', 'hex')
    for (const text of [hexProfile(bytes), 'APP1 10 0123456789ABCDEF00FF', ' x\t10\r\n01 23456789 abc\ndef 00ff ']) {
      expect(Buffer.from(rawProfile(Buffer.from(text))!)).toEqual(bytes)
    }
    for (const text of ['', 'exif', 'exif 4', 'exif 4 ', 'exif four 00', 'exif 4 0g', 'exif 4 00!']) {
      expect(rawProfile(Buffer.from(text))).toBeUndefined()
    }
  })

  it('hostile ones take time linear in their length', () => {
    const long = fc.constantFrom(' ', '1', 'a', ' 1', 'a 1 ', '\n')
    const pieces = fc.array(fc.tuple(long, fc.nat(300_000)), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(pieces, fc.constantFrom('', '!', 'z'), (parts, end) => {
        const text = Buffer.from(`a 1${parts.map(([piece, count]) => piece.repeat(count)).join('')}${end}`)
        expect(cpuMs(() => rawProfile(text))).toBeLessThan(2000)
      }),
      { numRuns: 30 },
    )
    const file = fileWith(zTXt('Raw profile type exif', `a 1${' '.repeat(300_000)}!`))
    expect(cpuMs(() => readPngFile(file))).toBeLessThan(2000)
  })

  it('an EXIF block in one counts where the chunk of its own is empty', () => {
    const empty = { type: 'eXIf', data: exifOf([]) }
    const { exif } = carriersWith(empty, zTXt('Raw profile type exif', hexProfile(exifOf([[0x0112, 8]]))))
    expect(exif?.directories.image).toHaveLength(1)
  })
})

describe('what metadata inflates to has one budget', () => {
  const MIB = 1024 ** 2
  const exceeded = 'Metadata beyond 8 MiB was removed.'
  const xmp = (size: number) =>
    Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\x01\0\0\0'), deflateSync(Buffer.alloc(size, 'x'))])

  it('inflating a hundred blocks of 4 MiB costs no more than two', () => {
    const block = zTXt('Raw profile type APP1', Buffer.alloc(4 * MIB, ' '))
    const file = fileWith(...Array.from({ length: 100 }, () => block))
    const took = cpuMs(() => expect([...readPngFile(file)!.carriers.warnings]).toEqual([exceeded]))
    expect(took).toBeLessThan(2000)
  })

  it('ten thousand tiny blocks, or damaged ones, cost no more either', () => {
    for (const text of [
      zTXt('Raw profile type APP1', ' '),
      { type: 'zTXt', data: Buffer.from('Raw profile type APP1\0\0broken') },
    ]) {
      const file = fileWith(...Array.from({ length: 10_000 }, () => text))
      expect([...readPngFile(file)!.carriers.warnings]).toContain(exceeded)
      expect(cpuMs(() => readPngFile(file))).toBeLessThan(2000)
    }
  })

  it('all kinds of block share it, and what came before is kept', () => {
    const profile = { type: 'iCCP', data: Buffer.concat([Buffer.from('icc\0\0'), deflateSync(Buffer.alloc(5 * MIB))]) }
    const both = carriersWith(profile, { type: 'iTXt', data: xmp(4 * MIB) })
    expect(both.icc).toHaveLength(5 * MIB)
    expect(both.xmp).toBeUndefined()
    expect([...both.warnings]).toEqual([exceeded])
    expect(carriersWith(profile, { type: 'iTXt', data: xmp(2 * MIB) })).toMatchObject({
      xmp: expect.anything(),
      warnings: new Set(),
    })
  })

  it('what is not needed is not inflated: a comment, or a second profile', () => {
    const packet = { type: 'iTXt', data: xmp(6 * MIB) }
    const comment = zTXt('Comment', Buffer.alloc(64 * MIB))
    expect([...carriersWith(packet, packet, comment, comment).warnings]).toEqual([])
  })

  it('a damaged block is reported', () => {
    expect([...carriersWith({ type: 'iCCP', data: Buffer.from('icc\0\0broken') }).warnings]).toEqual([
      'Damaged compressed metadata was removed.',
    ])
  })
})
