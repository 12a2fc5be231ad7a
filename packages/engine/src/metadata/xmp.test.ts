import fc from 'fast-check'
import { expect, it } from 'vitest'
import { freshXmp } from './xmp.js'

const rdf = (content: string) =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${content}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

function fresh(packet: string): string | undefined {
  const written = freshXmp(Buffer.from(packet))
  return written && Buffer.from(written).toString()
}

const GPANO = 'xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"'

it('panorama properties are kept, whether written as attributes or as elements', () => {
  const attributes = fresh(
    rdf(`<rdf:Description ${GPANO} GPano:ProjectionType="equirectangular" GPano:PoseHeadingDegrees="-12.5"/>`),
  )
  const elements = fresh(
    rdf(
      `<rdf:Description ${GPANO}><GPano:ProjectionType>equirectangular</GPano:ProjectionType><GPano:PoseHeadingDegrees>-12.5</GPano:PoseHeadingDegrees></rdf:Description>`,
    ),
  )
  expect(attributes).toBe(elements)
  expect(attributes).toContain('GPano:ProjectionType="equirectangular"')
  expect(attributes).toContain('GPano:PoseHeadingDegrees="-12.5"')
})

it('it is the namespace that counts, not its prefix', () => {
  const odd = rdf(
    '<rdf:Description xmlns:p="http://ns.google.com/photos/1.0/panorama/" xmlns:GPano="urn:other" p:UsePanoramaViewer="True" GPano:ProjectionType="x"/>',
  )
  expect(fresh(odd)).toContain('GPano:UsePanoramaViewer="True"')
  expect(fresh(odd)).not.toContain('ProjectionType')
})

it('position, times and camera are kept', () => {
  const packet = fresh(
    rdf(`<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.135N" exif:DateTimeOriginal="2023-11-06T15:27:20.25+01:00"
      xmlns:drone="http://www.dji.com/drone-dji/1.0/" drone:GimbalYawDegree="+101.2"/>
      <rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Model="GoPro Max &amp; more"/>`),
  )
  expect(packet).toContain('exif:GPSLatitude="52,31.135N"')
  expect(packet).toContain('exif:DateTimeOriginal="2023-11-06T15:27:20.25+01:00"')
  expect(packet).toContain('drone-dji:GimbalYawDegree="+101.2"')
  expect(packet).toContain('tiff:Model="GoPro Max &amp; more"')
})

it('a fresh packet is read the same again', () => {
  const once = fresh(rdf(`<rdf:Description ${GPANO} GPano:ProjectionType="a&amp;b"/>`))!
  expect(fresh(once)).toBe(once)
})

it('what is not listed stays behind, and so does a value of another form', () => {
  const base64 = Buffer.alloc(90, 'picture').toString('base64')
  expect(
    fresh(rdf(`<rdf:Description ${GPANO} GPano:ProjectionType="${base64}" GPano:PoseRollDegrees="${base64}"/>`)),
  ).toBeUndefined()
  expect(
    fresh(rdf(`<rdf:Description xmlns:GImage="http://ns.google.com/photos/1.0/image/" GImage:Data="${base64}"/>`)),
  ).toBeUndefined()
  const nested = `<rdf:Description ${GPANO}><GPano:ProjectionType><b>equirectangular</b></GPano:ProjectionType></rdf:Description>`
  expect(fresh(rdf(nested))).toBeUndefined()
})

it('broken and hostile packets are left behind', () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
  const outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
  const description = `<rdf:Description ${GPANO} GPano:ProjectionType="&b;"/>`
  for (const packet of [bomb + rdf(description), outside + rdf(description.replace('&b;', '&a;')), rdf('<rdf:Description'), '']) {
    expect(fresh(packet)).toBeUndefined()
  }
  expect(fresh('<a>'.repeat(200_000))).toBeUndefined()
  fc.assert(fc.property(fc.string(), text => void fresh(rdf(text))))
})
