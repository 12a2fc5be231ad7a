import fc from 'fast-check'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { cpuMs } from '../test/cpu.js'
import { raw, testImage } from '../test/images.js'
import { filterProfile, isNearSrgb, type ProfileTag, readTags, writeProfile } from './icc.js'

/** A profile without its checksum, which is not carried over. */
async function profile(name: string): Promise<Buffer> {
  const { icc } = await sharp(await raw(testImage(2, 2)).withIccProfile(name).png().toBuffer()).metadata()
  return icc!.fill(0, 84, 100)
}

it('only tags that say what colours mean are kept, and nothing beside them', async () => {
  const srgb = await profile('srgb')
  expect(Buffer.from(filterProfile(srgb, 'rgb')!)).toEqual(srgb)
  const hidden = Buffer.from('hidden')
  const more = ['targ', 'Secr', 'view'].map(signature => ({ signature, data: hidden }))
  const planted = Buffer.concat([writeProfile(srgb, [...more, ...readTags(srgb)]), hidden])
  planted.set(hidden, 104) // reserved bytes of the header
  planted.writeUInt32BE(planted.length)
  expect(Buffer.from(filterProfile(planted, 'rgb')!)).toEqual(srgb)
  const long = readTags(srgb).map(tag => (tag.signature === 'desc' ? { ...tag, data: Buffer.alloc(5000, 'x') } : tag))
  expect(readTags(filterProfile(writeProfile(srgb, long), 'rgb')!).map(({ signature }) => signature)).not.toContain('desc')
})

it('a profile that does not match the pixels, is truncated or invalid is dropped', async () => {
  const srgb = await profile('srgb')
  expect(filterProfile(srgb, 'gray')).toBeUndefined()
  expect(filterProfile(srgb, 'cmyk')).toBeUndefined()
  expect(filterProfile(srgb.subarray(0, -1), 'rgb')).toBeUndefined()
  expect(filterProfile(Buffer.alloc(600), 'rgb')).toBeUndefined()
  expect(filterProfile(new Uint8Array(), 'rgb')).toBeUndefined()
})

it('sRGB and Display P3 are near, another set of primaries is not', async () => {
  expect(isNearSrgb(await profile('srgb'), 'rgb')).toBe(true)
  expect(isNearSrgb(await profile('p3'), 'rgb')).toBe(true)
  const wide = await profile('srgb')
  const red = wide.readUint32BE(wide.indexOf('rXYZ') + 4)
  wide.writeInt32BE(Math.round(0.61 * 65536), red + 8) // Adobe RGB's red
  expect(isNearSrgb(wide, 'rgb')).toBe(false)
})

/** An sRGB profile with all tone curves replaced, and more tags. */
async function withCurve(data: Uint8Array, more: ProfileTag[] = []): Promise<Uint8Array> {
  const srgb = await profile('srgb')
  const tags = readTags(srgb).map(tag => (tag.signature.endsWith('TRC') ? { ...tag, data } : tag))
  return writeProfile(srgb, [...tags, ...more])
}
const curve = (...numbers: number[]) => {
  const data = Buffer.alloc(12 + 2 * numbers.length)
  data.write('curv')
  data.writeUInt32BE(numbers.length, 8)
  for (const [i, value] of numbers.entries()) data.writeUInt16BE(value, 12 + 2 * i)
  return data
}
const gamma = (value: number) => curve(Math.round(value * 256))

it('tone curves of cameras and displays are near; those that bring out what is dark or flat are not', async () => {
  for (const value of [1.8, 2, 2.2, 2.4]) expect(isNearSrgb(await withCurve(gamma(value)), 'rgb')).toBe(true)
  for (const data of [gamma(1), gamma(0.3), gamma(6), curve(), curve(0, 65535, 0, 65535), curve(0, 65535), Buffer.from('curv')])
    expect(isNearSrgb(await withCurve(data), 'rgb')).toBe(false)
})

it('a table from device to colour counts and not the curves beside it', async () => {
  const table = { signature: 'A2B0', data: Buffer.alloc(64) }
  expect(isNearSrgb(await withCurve(gamma(2.2), [table]), 'rgb')).toBe(false)
})

it('a gray profile is near by its one curve', async () => {
  const gray = async (data: Uint8Array) => writeProfile(await profile('srgb'), [{ signature: 'kTRC', data }])
  expect(isNearSrgb(await gray(gamma(2.2)), 'gray')).toBe(true)
  expect(isNearSrgb(await gray(gamma(0.3)), 'gray')).toBe(false)
})

it('random bytes are not taken for a profile near sRGB and never fail', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 132, maxLength: 400 }), bytes => !isNearSrgb(bytes, 'rgb')))
})

it('whatever is changed in a profile, what is written can be read', async () => {
  const srgb = await profile('srgb')
  fc.assert(
    fc.property(
      fc.integer({ min: 128, max: srgb.length - 4 }),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      (position, bytes) => {
        const changed = Buffer.from(srgb)
        changed.set(bytes, position)
        const fresh = filterProfile(changed, 'rgb')
        if (fresh) expect(filterProfile(fresh, 'rgb')).toEqual(fresh)
      },
    ),
  )
})

it('tags without end that share their data in part are refused quickly', async () => {
  const srgb = await profile('srgb')
  const signatures = ['A2B0', 'A2B1', 'A2B2', 'B2A0']
  const table = Buffer.alloc(4 + 12 * 300_000)
  table.writeUInt32BE(300_000)
  for (let i = 0; i < 300_000; i++) {
    table.write(signatures[i % 4], 4 + 12 * i, 'latin1')
    table.writeUInt32BE(128 + (i % 4), 8 + 12 * i)
    table.writeUInt32BE(3_000_000, 12 + 12 * i)
  }
  const hostile = Buffer.concat([srgb.subarray(0, 128), table])
  hostile.writeUInt32BE(hostile.length)
  expect(cpuMs(() => expect(filterProfile(hostile, 'rgb')).toBeUndefined())).toBeLessThan(2000)
})
