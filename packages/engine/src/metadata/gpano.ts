import type { Size } from '../geometry.js'
import { readXmp } from './xmp.js'
import { toNumber } from './xmp-values.js'

/** How far width : height may be from 2 : 1. */
const TOLERANCE = 0.01

/**
 * Whether the GPano properties of an image declare an equirectangular panorama of the whole sphere,
 * and its size matches. One that was cropped from a larger one is not.
 * (https://developers.google.com/streetview/spherical-metadata)
 * @param xmp an XMP packet
 * @param size upright size in px
 */
export function isWholeSphere(xmp: Uint8Array | undefined, { width, height }: Size): boolean {
  if (!xmp || Math.abs(width / height - 2) > 2 * TOLERANCE) return false
  const { properties } = readXmp(xmp)
  const value = (name: string) => properties.get(`GPano:${name}`)?.values[0]
  const agrees = (name: string, other: string | undefined) => {
    const own = value(name)
    return own === undefined || other === undefined || toNumber(own) === toNumber(other)
  }
  return (
    value('ProjectionType')?.toLowerCase() === 'equirectangular' &&
    agrees('CroppedAreaImageWidthPixels', value('FullPanoWidthPixels')) &&
    agrees('CroppedAreaImageHeightPixels', value('FullPanoHeightPixels')) &&
    agrees('CroppedAreaLeftPixels', '0') &&
    agrees('CroppedAreaTopPixels', '0')
  )
}
