import readExif from 'exif-reader'
import { openResult } from './open-result.js'

/** Where and when a photo was taken, as far as its EXIF data tells. */
export interface Position {
  /** In degrees; north and east are positive. */
  latitude?: number
  longitude?: number
  /** Local time of the camera, without a zone: 2024-05-31T12:00:00. */
  taken?: string
}

/** Reads the EXIF data that a result carries. Nothing where there is none that can be read. */
export async function positionOf(result: string): Promise<Position> {
  try {
    const image = await openResult(result)
    const { exif } = await image.metadata()
    if (!exif) return {}
    const { GPSInfo: gps, Photo: photo } = readExif(exif)
    const latitude = degrees(gps?.GPSLatitude, gps?.GPSLatitudeRef, 90)
    const longitude = degrees(gps?.GPSLongitude, gps?.GPSLongitudeRef, 180)
    const taken = timeOf(photo?.DateTimeOriginal)
    return latitude === undefined || longitude === undefined ? { taken } : { latitude, longitude, taken }
  } catch {
    return {}
  }
}

/** From degrees, minutes and seconds. (Exif 2.32, 4.6.6) */
function degrees(value: unknown, reference: unknown, maximum: number): number | undefined {
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [whole, minutes, seconds] = value as number[]
  const sum = whole + minutes / 60 + seconds / 3600
  // 0/0 stands for unknown.
  if (!Number.isFinite(sum) || sum > maximum) return undefined
  return Number((/^[SW]/.test(String(reference)) ? -sum : sum).toFixed(7))
}

function timeOf(value: unknown): string | undefined {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString().slice(0, 19) : undefined
}
