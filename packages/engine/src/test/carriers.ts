/** Files that carry an image, and values worth keeping, in every place that metadata can hold. */

import { deflateSync } from 'node:zlib'
import { jpegSegments } from '../formats/jpeg.js'
import { type PngChunk, pngChunks } from '../formats/png.js'
import { writePng } from '../formats/png-write.js'

const ASCII = 2
const LONG = 4
const RATIONAL = 5
const UNDEFINED = 7

/** A little-endian TIFF directory at an offset, with its longer values behind it. */
function directory(start: number, entries: [tag: number, type: number, value: Uint8Array][], next = 0): Buffer {
  const sizes: Record<number, number> = { [ASCII]: 1, [LONG]: 4, [RATIONAL]: 8, [UNDEFINED]: 1, 3: 2 }
  const table = Buffer.alloc(2 + 12 * entries.length + 4)
  table.writeUInt16LE(entries.length)
  const outside: Uint8Array[] = []
  let end = start + table.length
  for (const [i, [tag, type, value]] of entries.entries()) {
    const at = 2 + 12 * i
    table.writeUInt16LE(tag, at)
    table.writeUInt16LE(type, at + 2)
    table.writeUInt32LE(value.length / sizes[type], at + 4)
    if (value.length <= 4) {
      table.set(value, at + 8)
    } else {
      table.writeUInt32LE(end, at + 8)
      outside.push(value)
      end += value.length
    }
  }
  table.writeUInt32LE(next, table.length - 4)
  return Buffer.concat([table, ...outside])
}

const text = (value: string) => Buffer.from(`${value}\0`, 'latin1')
const longs = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer)
const short = (value: number) => Uint8Array.of(value & 0xff, value >> 8)

/**
 * Camera, times and position as they must come out; the image as thumbnail, MakerNote, user
 * comment, description and in a position's name.
 */
export function exifWith(secret: Uint8Array): Buffer {
  const build = (exif: number, gps: number, thumbnail: number, thumbnailData: number) => [
    directory(
      8,
      [
        [0x010e, ASCII, text(Buffer.from(secret).toString('base64'))],
        [0x010f, ASCII, text('Planted Cameras')],
        [0x0112, 3, short(1)],
        [0x011a, RATIONAL, longs(300, 1)],
        [0x0132, ASCII, text('2023:11:06 15:27:20')],
        [0x8769, LONG, longs(exif)],
        [0x8825, LONG, longs(gps)],
      ],
      thumbnail,
    ),
    directory(exif, [
      [0x829a, RATIONAL, longs(1, 250)],
      [0x9003, ASCII, text('2023:11:06 15:27:19')],
      [0x9011, ASCII, text('+01:00')],
      [0x927c, UNDEFINED, secret],
      [0x9286, UNDEFINED, Buffer.concat([Buffer.from('ASCII\0\0\0'), secret])],
      [0x9291, ASCII, text('251')],
      [0xa434, ASCII, text('Planted 35 mm')],
      [0xa431, ASCII, text('serial number 4711')],
    ]),
    directory(gps, [
      [0x0001, ASCII, text('N')],
      [0x0002, RATIONAL, longs(52, 1, 31, 1, 813, 100)],
      [0x0003, ASCII, text('E')],
      [0x0004, RATIONAL, longs(13, 1, 24, 1, 140, 100)],
      [0x001c, UNDEFINED, secret],
    ]),
    directory(thumbnail, [
      [0x0103, 3, short(6)],
      [0x0201, LONG, longs(thumbnailData)],
      [0x0202, LONG, longs(secret.length)],
    ]),
    Buffer.from(secret),
  ]
  const [image, exif, gps, thumbnail] = build(0, 0, 0, 0).map(part => part.length)
  const start = 8 + image
  return Buffer.concat([
    Buffer.from('II*\0\b\0\0\0', 'latin1'),
    ...build(start, start + exif, start + exif + gps, start + exif + gps + thumbnail),
  ])
}

/** Pieces of a text, of a length each. */
const cut = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'g'))!
const array = (name: string, values: Iterable<string | number>) =>
  `<${name}><rdf:Seq>${[...values].map(value => `<rdf:li>${value}</rdf:li>`).join('')}</rdf:Seq></${name}>`

/**
 * Properties of a panorama and a survey as they must come out; the image as thumbnail, as second
 * eye and in each form of value.
 */
export function xmpWith(secret: Uint8Array): Buffer {
  const base64 = Buffer.from(secret).toString('base64')
  const hex = Buffer.from(secret).toString('hex')
  return Buffer.from(`<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular" GPano:PoseHeadingDegrees="101.5"
 GPano:CaptureSoftware="${base64}" xmlns:GImage="http://ns.google.com/photos/1.0/image/" GImage:Data="${base64}"
 xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="0123456789ABCDEF0123456789ABCDEF"
 xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:RtkStdLon="0.01123" drone-dji:CalibratedFocalLength="3666.666504"
 drone-dji:DewarpData="2024-05-01;${secret.join(',')}" drone-dji:GpsStatus="${base64}" drone-dji:SelfData="${base64}"
 drone-dji:CaptureUUID="${hex}" drone-dji:UTCAtExposure="${secret.join(' ')}" drone-dji:DroneSerialNumber="ABC123"
 xmlns:Camera="http://pix4d.com/camera/1.0" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="${secret.join(',')}N">
${array('Camera:BandName', cut(base64, 32))}${array('Camera:CaptureUUID', cut(hex, 36))}${array('Camera:VignettingPolynomial', secret)}
${array('Camera:ColorTransform', cut(secret.join(','), 500))}<Camera:RigRelatives>${secret.join(', ')}</Camera:RigRelatives>
<Camera:CentralWavelength><rdf:Seq><rdf:li>668</rdf:li></rdf:Seq></Camera:CentralWavelength><Camera:RigName>${base64}</Camera:RigName>
<xmp:Thumbnails xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/"><rdf:Alt>
<rdf:li rdf:parseType="Resource"><xmpGImg:image>${base64}</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`)
}

function segment(marker: number, ...parts: (string | Uint8Array)[]): Buffer {
  const payload = Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(payload.length + 2, 2)
  return Buffer.concat([head, payload])
}

/** Every place of a JPEG that is known to have held an image of the original, by its name. */
export function jpegCarriers(secret: Uint8Array): Record<string, { before?: Buffer; after?: Uint8Array }> {
  const xmp = 'http://ns.adobe.com/xap/1.0/\0'
  const photoshop = Buffer.concat([
    Buffer.from('8BIM\x04\x0c\0\0', 'latin1'),
    Buffer.from([0, 0, secret.length >> 8, secret.length & 255]),
  ])
  return {
    'EXIF thumbnail, MakerNote, comment': { before: segment(0xe1, 'Exif\0\0', exifWith(secret)) },
    'second EXIF': {
      before: Buffer.concat([
        segment(0xe1, 'Exif\0\0', exifWith(new Uint8Array(4))),
        segment(0xe1, 'Exif\0\0', exifWith(secret)),
      ]),
    },
    XMP: { before: segment(0xe1, xmp, xmpWith(secret)) },
    'extended XMP': { before: segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', '0123456789ABCDEF0123456789ABCDEF', secret) },
    'Photoshop thumbnail': { before: segment(0xed, 'Photoshop 3.0\0', photoshop, secret) },
    'JFIF extension': { before: segment(0xe0, 'JFXX\0\x10', secret) },
    'multi-picture format': { before: segment(0xe2, 'MPF\0', exifWith(secret)), after: secret },
    'FlashPix preview': { before: segment(0xe2, 'FPXR\0', secret) },
    'unknown segment': { before: segment(0xe7, 'whatever', secret) },
    comment: { before: segment(0xfe, secret) },
    'stray bytes between segments': { before: Buffer.from(Buffer.from(secret).toString('base64')) },
    'bytes behind a segment that is too short': {
      before: Buffer.concat([segment(0xe1, 'Exif\0\0'), Buffer.from(Buffer.from(secret).toString('base64'))]),
    },
    'bytes after the end': { after: Buffer.concat([Buffer.from('SEFH'), secret]) },
  }
}

export function plantInJpeg(
  file: Uint8Array,
  { before = Buffer.alloc(0), after = Buffer.alloc(0) }: { before?: Buffer; after?: Uint8Array },
): Buffer {
  const image = [...jpegSegments(file)].find(({ marker }) => marker < 0xe0)!
  return Buffer.concat([file.subarray(0, image.start), before, file.subarray(image.start), after])
}

/** Every place of a PNG that can hold an image of the original, by its name. */
export function pngCarriers(secret: Uint8Array): Record<string, { chunk?: PngChunk; after?: Uint8Array }> {
  const keyword = (word: string, ...rest: Uint8Array[]) => Buffer.concat([Buffer.from(`${word}\0`, 'latin1'), ...rest])
  const method = Uint8Array.of(0)
  const hex = (name: string, bytes: Uint8Array) =>
    Buffer.from(
      `\n${name}\n${bytes.length}\n${Buffer.from(bytes)
        .toString('hex')
        .replace(/(.{72})/g, '$1\n')}\n`,
    )
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifWith(secret)])
  return {
    eXIf: { chunk: { type: 'eXIf', data: exifWith(secret) } },
    'XMP text': { chunk: { type: 'iTXt', data: keyword('XML:com.adobe.xmp', Buffer.alloc(4), xmpWith(secret)) } },
    'compressed XMP text': {
      chunk: { type: 'iTXt', data: keyword('XML:com.adobe.xmp', Uint8Array.of(1, 0, 0, 0), deflateSync(xmpWith(secret))) },
    },
    'raw EXIF profile': {
      chunk: { type: 'zTXt', data: keyword('Raw profile type exif', method, deflateSync(hex('exif', exif))) },
    },
    'raw APP1 profile': { chunk: { type: 'tEXt', data: keyword('Raw profile type APP1', hex('app1', exif)) } },
    'raw XMP profile': {
      chunk: { type: 'zTXt', data: keyword('Raw profile type xmp', method, deflateSync(hex('xmp', xmpWith(secret)))) },
    },
    'raw IPTC profile': {
      chunk: { type: 'zTXt', data: keyword('Raw profile type iptc', method, deflateSync(hex('iptc', secret))) },
    },
    'compressed text': { chunk: { type: 'zTXt', data: keyword('Comment', method, deflateSync(secret)) } },
    text: { chunk: { type: 'tEXt', data: keyword('Description', Buffer.from(Buffer.from(secret).toString('base64'))) } },
    'unknown chunk': { chunk: { type: 'prVt', data: secret } },
    'animation frame': { chunk: { type: 'fdAT', data: Buffer.concat([Buffer.alloc(4), secret]) } },
    'over-long colour chunk': { chunk: { type: 'gAMA', data: Buffer.concat([Buffer.alloc(4), secret]) } },
    'bytes after the end': { after: secret },
  }
}

export function plantInPng(
  file: Uint8Array,
  { chunk, after = Buffer.alloc(0) }: { chunk?: PngChunk; after?: Uint8Array },
): Buffer {
  const [header, ...others] = pngChunks(file)
  return Buffer.concat([writePng(chunk ? [header, chunk, ...others] : [header, ...others]), after])
}
