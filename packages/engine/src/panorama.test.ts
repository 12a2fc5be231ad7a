import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoadedNetworks, loadNetworks } from './detect/networks.js'
import { iou } from './geometry.js'
import { runPipeline } from './test/pipeline.js'

const models = fileURLToPath(new URL('../../../models', import.meta.url))
const street = fileURLToPath(new URL('../../../tests/fixtures/street-taxis.jpg', import.meta.url))

const [width, height] = [2048, 1024]
/**
 * The street's left edge in the panorama: the seam goes through the front taxi, 650 to 1017 px from
 * there.
 */
const LEFT = width - 830
/**
 * The taxi stands on the horizon, where a panorama is like a photo: the photo's row 300 is here.
 */
const TOP = 140
const TAXI = [LEFT + 650, TOP + 262, LEFT + 1017, TOP + 483] as const
const GPANO = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular"/></rdf:RDF></x:xmpmeta>`

/** A street whose right part is at the left edge. */
async function panorama(xmp?: string): Promise<Uint8Array> {
  const photo = await sharp(street).removeAlpha().toBuffer()
  const right = await sharp(photo).extract({ left: 830, top: 300, width: 450, height: 553 }).toBuffer()
  const left = await sharp(photo).extract({ left: 0, top: 300, width: 830, height: 553 }).toBuffer()
  const image = sharp({ create: { width, height, channels: 3, background: '#777' } }).composite([
    { input: right, left: 0, top: TOP },
    { input: left, left: LEFT, top: TOP },
  ])
  return (xmp ? image.withXmp(xmp) : image).jpeg({ quality: 95 }).toBuffer()
}

/** Colours of the instance mask at points of the image. */
async function instancesAt(mask: Uint8Array, points: readonly (readonly [x: number, y: number])[]): Promise<number[]> {
  const { data, info } = await sharp(mask).raw().toBuffer({ resolveWithObject: true })
  return points.map(([x, y]) => data[(y * info.width + x) * info.channels + 1])
}

describe('an image of which GPano says that it is a sphere', () => {
  let networks: LoadedNetworks
  beforeAll(async () => {
    networks = await loadNetworks(models, { threads: 2, profile: 'fast' })
  })
  afterAll(() => networks.close())

  test('shows an object across the seam once: one detection, one instance, no pixel left on either side', async () => {
    const options = { vehicle: true, instance_segmentation_mask: true, bbox: true }
    const output = await runPipeline(await panorama(GPANO), options, { loaded: { networks, device: 'cpu' } })
    const taxis = output.detections.filter(({ box }) => iou(box, TAXI) > 0.7)
    expect(taxis).toHaveLength(1)
    expect(taxis[0].box[0]).toBeLessThan(width)
    expect(taxis[0].box[2]).toBeGreaterThan(width)
    const [left, right] = await instancesAt(output.instanceMask!, [
      [width - 2, 512],
      [1, 512],
    ])
    expect(left).toBeGreaterThan(0)
    expect(right).toBe(left)
  })

  test('without GPano, and in a free grid, is a flat image whose objects end at its edges', async () => {
    const grid = { number: [2, 1], overlap: [0.1, 0] } as { number: [number, number]; overlap: [number, number] }
    for (const file of [
      runPipeline(await panorama(), { vehicle: true }, { loaded: { networks, device: 'cpu' } }),
      runPipeline(await panorama(GPANO), { vehicle: true, format: grid }, { loaded: { networks, device: 'cpu' } }),
    ]) {
      const { detections } = await file
      expect(detections.length).toBeGreaterThan(3)
      for (const { box } of detections) expect(box[2]).toBeLessThanOrEqual(width)
    }
  })
})
