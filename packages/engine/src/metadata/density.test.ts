import sharp from 'sharp'
import { expect, it } from 'vitest'
import { probe } from '../probe/probe.js'
import { readMetadata, writeMetadata } from './metadata.js'

it('carries the density over without touching the image data', async () => {
  const noise = {
    create: {
      width: 64,
      height: 48,
      channels: 3 as const,
      background: '#888',
      noise: { type: 'gaussian' as const, mean: 128, sigma: 60 },
    },
  }
  const source = await sharp(noise).withMetadata({ density: 300 }).jpeg().toBuffer()
  const encoded = await sharp(await sharp(noise).raw().toBuffer(), { raw: { width: 64, height: 48, channels: 3 } })
    .jpeg()
    .toBuffer()

  const written = writeMetadata(encoded, 'jpeg', readMetadata(probe(source, { maximumPixels: 1e6, format: 'whole' })))

  expect((await sharp(written).metadata()).density).toBe(300)
  expect(await sharp(written).raw().toBuffer()).toEqual(await sharp(encoded).raw().toBuffer())
})
