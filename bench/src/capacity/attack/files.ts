/** Small files that take long to read. */
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

const MIB = 1024 * 1024

/** A chunk of a PNG. (PNG specification, 5.3) */
function chunk(type: string, data: Uint8Array): Buffer {
  const framed = Buffer.alloc(data.length + 12)
  framed.writeUInt32BE(data.length)
  framed.write(type, 4, 'latin1')
  framed.set(data, 8)
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), data.length + 8)
  return framed
}

const flat = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: 'gray' } })

/** A PNG whose compressed texts inflate to 400 MiB. */
export async function deepPng(): Promise<Buffer> {
  const png = await flat(64, 64).png().toBuffer()
  const text = Buffer.concat([
    Buffer.from('Raw profile type exif\0\0', 'latin1'),
    deflateSync(Buffer.alloc(4 * MIB, ' '), { level: 9 }),
  ])
  const headerEnd = 8 + 25
  return Buffer.concat([
    png.subarray(0, headerEnd),
    ...Array.from({ length: 100 }, () => chunk('zTXt', text)),
    png.subarray(headerEnd),
  ])
}

/** A PNG of 90 megapixels of one colour. */
export function hugePng(): Promise<Buffer> {
  return flat(10_000, 9000).png({ compressionLevel: 9 }).toBuffer()
}

/** A JPEG with XMP of 60 kB in which every element declares a prefix. */
export async function longXmp(): Promise<Buffer> {
  const jpeg = await flat(64, 64).jpeg().toBuffer()
  const xmp = Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${'<a xmlns:b="c">'.repeat(3500)}`, 'latin1')
  const marker = Buffer.from([0xff, 0xe1, 0, 0])
  marker.writeUInt16BE(xmp.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), marker, xmp, jpeg.subarray(2)])
}
