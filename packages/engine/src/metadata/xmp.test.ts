import { parseXml } from '@rgrove/parse-xml'
import { describe, expect, it } from 'vitest'
import { filterXmp } from './xmp.js'
import { KEPT_PROPERTIES } from './xmp-properties.js'

const RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
const GPANO = 'xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"'
const CAMERA = 'xmlns:Camera="http://pix4d.com/camera/1.0"'

const rdf = (content: string) =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF ${RDF}>${content}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

function fresh(packet: string | Uint8Array): { packet?: string; warnings: string[] } {
  const { packet: written, warnings } = filterXmp(Buffer.from(packet))
  if (written) parseXml(Buffer.from(written).toString())
  return { packet: written && Buffer.from(written).toString(), warnings }
}

const UNREADABLE = 'The XMP packet could not be read: GPano and camera pose were not copied.'
const PANORAMA = `<rdf:Description ${GPANO} GPano:ProjectionType="equirectangular" GPano:PoseHeadingDegrees="-12.5"/>`

describe('what is kept', () => {
  it('panorama properties, in the form that they were read in', () => {
    const elements = `<rdf:Description ${GPANO}><GPano:ProjectionType>equirectangular</GPano:ProjectionType></rdf:Description>`
    expect(fresh(rdf(PANORAMA)).packet).toContain('GPano:ProjectionType="equirectangular" GPano:PoseHeadingDegrees="-12.5"/>')
    expect(fresh(rdf(elements)).packet).toContain('<GPano:ProjectionType>equirectangular</GPano:ProjectionType>')
  })

  it('properties of the namespace, whatever its prefix', () => {
    const odd = `<rdf:Description xmlns:p="http://ns.google.com/photos/1.0/panorama/" xmlns:GPano="urn:other" p:UsePanoramaViewer="True" GPano:ProjectionType="x"/>`
    expect(fresh(rdf(odd)).packet).toContain('GPano:UsePanoramaViewer="True"')
    expect(fresh(rdf(odd)).packet).not.toContain('ProjectionType')
  })

  it('position, times and camera', () => {
    const { packet } = fresh(
      rdf(`<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.1350000000000016N" exif:DateTimeOriginal="2023-11-06T15:27:20.25+01:00"
      xmlns:drone="http://www.dji.com/drone-dji/1.0/" drone:GimbalYawDegree="+101.2"/>
      <rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Model="GoPro Max &amp; more"/>`),
    )
    expect(packet).toContain('exif:GPSLatitude="52,31.1350000000000016N"')
    expect(packet).toContain('exif:DateTimeOriginal="2023-11-06T15:27:20.25+01:00"')
    expect(packet).toContain('drone-dji:GimbalYawDegree="+101.2"')
    expect(packet).toContain('tiff:Model="GoPro Max &amp; more"')
  })

  it('arrays of numbers and names stay arrays', () => {
    const arrays = `<Camera:BandName>\n<rdf:Seq>\n<rdf:li>Red edge</rdf:li>\n<rdf:li>NIR</rdf:li></rdf:Seq></Camera:BandName>
      <Camera:SunSensor><rdf:Bag><rdf:li>1.5e-07</rdf:li></rdf:Bag></Camera:SunSensor>`
    const { packet, warnings } = fresh(rdf(`<rdf:Description ${CAMERA}>${arrays}</rdf:Description>`))
    expect(packet).toContain(
      '<Camera:BandName><rdf:Seq><rdf:li>Red edge</rdf:li><rdf:li>NIR</rdf:li></rdf:Seq></Camera:BandName>',
    )
    expect(packet).toContain('<Camera:SunSensor><rdf:Bag><rdf:li>1.5e-07</rdf:li></rdf:Bag></Camera:SunSensor>')
    expect(warnings).toEqual([])
  })

  it('a namespace with or without the slash at its end, as the source has it', () => {
    const slash = `<rdf:Description xmlns:Camera="http://pix4d.com/camera/1.0/" Camera:Yaw="12.5"/>`
    expect(fresh(rdf(slash)).packet).toContain('xmlns:Camera="http://pix4d.com/camera/1.0/" Camera:Yaw="12.5"')
    const none = slash.replace('1.0/"', '1.0"')
    expect(fresh(rdf(none)).packet).toContain('xmlns:Camera="http://pix4d.com/camera/1.0" Camera:Yaw="12.5"')
  })

  it('the first usable value of several', () => {
    const twice = rdf(`${PANORAMA.replace('-12.5', 'north')}${PANORAMA}${PANORAMA.replace('-12.5', '3')}`)
    expect(fresh(twice)).toMatchObject({ packet: fresh(rdf(PANORAMA)).packet, warnings: [] })
  })
})

describe('XMP as programs write it is read like the same packet without the flaw', () => {
  const whole = rdf(PANORAMA)
  const expected = fresh(whole)

  it.each<[string, string | Uint8Array]>([
    ['a NUL behind it', `${whole}\0`],
    ['NULs and line ends before it', `\0\n\0 ${whole}`],
    ['a NUL in a value', whole.replace('lar"', 'lar\0"')],
    ['the rest of an older, longer packet', `${whole}cription></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`],
    ['a whole older packet', whole + whole.replace('-12.5', '99')],
    ['a bare ampersand', whole.replace('<rdf:Description', '<rdf:Description dc:rights="Fish & Chips"')],
    [
      'a bare ampersand in an element',
      whole.replace('</rdf:RDF>', '<rdf:Description><dc:title>A&B &</dc:title></rdf:Description></rdf:RDF>'),
    ],
    ['an unknown entity', whole.replace('<rdf:Description', '<rdf:Description dc:rights="&copy; 2024"')],
    ['control characters', whole.replace('<rdf:Description', '\x01\x0b<rdf:Description dc:rights="\x02\x7f"')],
    ['less-than signs in a value', whole.replace('<rdf:Description', '<rdf:Description dc:rights="a < b <c"')],
    ['an undeclared prefix', whole.replace(GPANO, '')],
    ['no declaration of rdf', whole.replace(RDF, '')],
    ['rdf as the default namespace', whole.replace('xmlns:rdf', 'xmlns').replaceAll('rdf:', '')],
    ['no wrapper', `<rdf:RDF ${RDF}>${PANORAMA}</rdf:RDF>`],
    ['the wrapper of old Adobe programs', whole.replaceAll('xmpmeta', 'xapmeta')],
    ['no end tag of the description', whole.replace('-12.5"/>', '-12.5">')],
    ['no end tag of RDF', whole.replace('</rdf:RDF>', '')],
    ['unquoted values', whole.replace('"equirectangular"', 'equirectangular')],
    ['the same attribute twice', whole.replace('<rdf:Description', '<rdf:Description rdf:about="" rdf:about=""')],
    ['a byte order mark', `\ufeff${whole}`],
    ['UTF-16 little-endian', Buffer.from(whole, 'utf16le')],
    [
      'UTF-16 little-endian with a mark and an odd byte',
      Buffer.concat([Buffer.from(`\ufeff${whole}`, 'utf16le'), Buffer.alloc(1)]),
    ],
    ['UTF-16 big-endian', Buffer.from(whole, 'utf16le').swap16()],
    ['UTF-16 big-endian with a mark', Buffer.from(`\ufeff${whole}`, 'utf16le').swap16()],
    ['UTF-32 little-endian', Buffer.from(Uint32Array.from(whole, c => c.codePointAt(0)!).buffer)],
    ['UTF-32 big-endian', Buffer.from(Uint32Array.from(`\ufeff${whole}`, c => c.codePointAt(0)!).buffer).swap32()],
    ['another encoding than it declares', `<?xml version="1.0" encoding="UTF-16"?>${whole}`],
    ['Latin-1 bytes', Buffer.from(whole.replace('<rdf:Description', '<rdf:Description dc:rights="café"'), 'latin1')],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${whole}`],
  ])('%s', (_, packet) => {
    expect(fresh(packet)).toEqual(expected)
  })

  it('names in Latin-1 are kept', () => {
    const packet = rdf('<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Make="Société"/>')
    expect(fresh(Buffer.from(packet, 'latin1')).packet).toContain('tiff:Make="Société"')
  })
})

describe('a warning lists what could not be copied', () => {
  it.each([
    ['no XML', 'just words'],
    ['a packet that ends in its first tag', rdf(PANORAMA).slice(0, 200)],
    ['a packet of another size', Buffer.alloc(2 * 1024 ** 2 + 1, rdf(PANORAMA))],
  ])('%s', (_, packet) => {
    expect(fresh(packet)).toEqual({ packet: undefined, warnings: [UNREADABLE] })
  })

  it('a packet that is cut off, whose last value may be cut short', () => {
    const cut = rdf(`${PANORAMA}<rdf:Description><GPano:PosePitchDegrees>-1.2`).split('</rdf:RDF>')[0]
    expect(fresh(cut)).toEqual({
      packet: fresh(rdf(PANORAMA)).packet,
      warnings: ['The XMP packet could only be read in part: properties after the damaged place were not copied.'],
    })
  })

  it('unusable values, by name only', () => {
    const { packet, warnings } = fresh(
      rdf(`<rdf:Description GPano:PoseHeadingDegrees="secret" ${GPANO} GPano:ProjectionType="flat"><GPano:PoseRollDegrees><b>1</b></GPano:PoseRollDegrees>
      <GPano:PosePitchDegrees>12<GPano:FullPanoWidthPixels>8</GPano:FullPanoWidthPixels></rdf:Description>`),
    )
    expect(packet).toContain('GPano:ProjectionType="flat"/>')
    expect(warnings).toEqual([
      'XMP properties with invalid values were not copied: GPano:PoseHeadingDegrees, GPano:PoseRollDegrees, GPano:PosePitchDegrees.',
    ])
  })

  it('no more than eight of them', () => {
    const names = ['Yaw', 'Pitch', 'Roll', 'GPSXYAccuracy', 'GPSZAccuracy', 'SunSensor', 'Irradiance', 'RigRelatives', 'GyroRate']
    const { warnings } = fresh(rdf(`<rdf:Description ${CAMERA} ${names.map(name => `Camera:${name}="?"`).join(' ')}/>`))
    expect(warnings).toEqual([expect.stringMatching(/Camera:Yaw, .*Camera:RigRelatives and 1 more\.$/)])
  })

  it('nothing of what is not kept, of empty values and of packets without properties', () => {
    const other = rdf(
      `<rdf:Description dc:title="me" ${CAMERA} Camera:RigName=""><Camera:SunSensor><rdf:Seq/></Camera:SunSensor></rdf:Description>`,
    )
    for (const packet of [other, rdf(''), '', ' \n\0']) expect(fresh(packet)).toEqual({ packet: undefined, warnings: [] })
  })
})

it('unlisted properties and values of another form are dropped', () => {
  const base64 = Buffer.alloc(90, 'image').toString('base64')
  expect(
    fresh(rdf(`<rdf:Description ${GPANO} GPano:ProjectionType="${base64}" GPano:PoseRollDegrees="${base64}"/>`)).packet,
  ).toBeUndefined()
  expect(
    fresh(rdf(`<rdf:Description xmlns:GImage="http://ns.google.com/photos/1.0/image/" GImage:Data="${base64}"/>`)).packet,
  ).toBeUndefined()
  const nested = `<rdf:Description ${GPANO}><GPano:ProjectionType><b>equirectangular</b></GPano:ProjectionType></rdf:Description>`
  expect(fresh(rdf(nested)).packet).toBeUndefined()
})

it('fields of a structure are not properties of the image', () => {
  const derived = `<xmpMM:DerivedFrom><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Model="other"/></xmpMM:DerivedFrom>`
  expect(fresh(rdf(`<rdf:Description>${derived}</rdf:Description>`)).packet).toBeUndefined()
})

it.each([
  ['long', `<rdf:li>${Array(36).fill('0.1234567890').join(' ')}</rdf:li>`],
  ['many', '<rdf:li>1</rdf:li>'.repeat(64)],
  ['escaped', `<rdf:li>${'&amp;'.repeat(64)}</rdf:li>`.repeat(2)],
])('all values together fit a segment of a JPEG: %s', (_, items) => {
  const descriptions = KEPT_PROPERTIES.map(({ prefix, uri, properties }) => {
    const elements = Object.keys(properties).map(name => `<${prefix}:${name}><rdf:Seq>${items}</rdf:Seq></${prefix}:${name}>`)
    return `<rdf:Description xmlns:${prefix}="${uri}">${elements.join('')}</rdf:Description>`
  })
  const source = rdf(descriptions.join(''))
  expect(source.length).toBeGreaterThan(65_533)
  const { packet, warnings } = fresh(source)
  expect(Buffer.byteLength(packet!)).toBeLessThan(48 * 1024)
  expect(warnings).toHaveLength(1)
})
