import { describe, expect, it } from 'vitest'
import { isWholeSphere } from './gpano.js'
import { filterXmp } from './xmp.js'

function packet(properties: Record<string, string | number>): Uint8Array {
  const attributes = Object.entries(properties).map(([name, value]) => ` GPano:${name}="${value}"`)
  return Buffer.from(
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
    xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"${attributes.join('')}/></rdf:RDF></x:xmpmeta>`,
  )
}

const size = { width: 4096, height: 2048 }
const FULL = {
  ProjectionType: 'equirectangular',
  CroppedAreaImageWidthPixels: 4096,
  FullPanoWidthPixels: 4096,
  CroppedAreaImageHeightPixels: 2048,
  FullPanoHeightPixels: 2048,
  CroppedAreaLeftPixels: 0,
  CroppedAreaTopPixels: 0,
}

describe('isWholeSphere', () => {
  it('is true of equirectangular images of 2 : 1 that nothing was cropped from', () => {
    expect(isWholeSphere(packet({ ProjectionType: 'equirectangular' }), size)).toBe(true)
    expect(isWholeSphere(packet(FULL), size)).toBe(true)
    expect(isWholeSphere(packet(FULL), { width: 5640, height: 2816 })).toBe(true)
  })

  it('reads what is carried over, damaged as the packet may be', () => {
    const damaged = Buffer.concat([
      packet({ ...FULL, FullPanoWidthPixels: '8192/2', PoseHeadingDegrees: 'a & b' }),
      Buffer.alloc(3),
    ])
    const { packet: kept, warnings } = filterXmp(damaged)
    expect(isWholeSphere(kept, size)).toBe(true)
    expect(isWholeSphere(damaged, size)).toBe(true)
    expect(warnings).toHaveLength(1)
  })

  it.each([
    ['no XMP', undefined, size],
    ['no GPano', packet({}), size],
    ['another projection', packet({ ...FULL, ProjectionType: 'cylindrical' }), size],
    ['another shape', packet(FULL), { width: 4096, height: 1480 }],
    ['a cropped width', packet({ ...FULL, FullPanoWidthPixels: 9830 }), size],
    ['a cropped height', packet({ ...FULL, CroppedAreaTopPixels: 300 }), size],
  ])('is false with %s', (_, xmp, size) => {
    expect(isWholeSphere(xmp, size)).toBe(false)
  })
})
