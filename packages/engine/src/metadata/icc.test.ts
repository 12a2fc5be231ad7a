import fc from 'fast-check'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { picture, raw } from '../test/pictures.js'
import { checkedProfile, isNearSrgb } from './icc.js'

async function profile(name: string): Promise<Buffer> {
  const { icc } = await sharp(await raw(picture(2, 2)).withIccProfile(name).png().toBuffer()).metadata()
  return icc!
}

it('a profile is cut to the length that it states', async () => {
  const srgb = await profile('srgb')
  expect(Buffer.from(checkedProfile(Buffer.concat([srgb, Buffer.from('hidden')]), 'rgb')!)).toEqual(srgb)
})

it('a profile that does not fit the pixels, breaks off or is none is left behind', async () => {
  const srgb = await profile('srgb')
  expect(checkedProfile(srgb, 'gray')).toBeUndefined()
  expect(checkedProfile(srgb, 'cmyk')).toBeUndefined()
  expect(checkedProfile(srgb.subarray(0, -1), 'rgb')).toBeUndefined()
  expect(checkedProfile(Buffer.alloc(600), 'rgb')).toBeUndefined()
  expect(checkedProfile(new Uint8Array(), 'rgb')).toBeUndefined()
})

it('sRGB and Display P3 are near, another set of primaries is not', async () => {
  expect(isNearSrgb(await profile('srgb'))).toBe(true)
  expect(isNearSrgb(await profile('p3'))).toBe(true)
  const wide = await profile('srgb')
  const red = wide.readUint32BE(wide.indexOf('rXYZ') + 4)
  wide.writeInt32BE(Math.round(0.61 * 65536), red + 8) // Adobe RGB's red
  expect(isNearSrgb(wide)).toBe(false)
})

it('bytes at random are no profile near sRGB and never fail', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 132, maxLength: 400 }), bytes => !isNearSrgb(bytes)))
})
