import { parseXml, XmlElement, XmlProcessingInstruction, XmlText } from '@rgrove/parse-xml'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mutated, mutations, settings, timed, timeout } from '../test/fuzzing.js'
import { filterXmp } from './xmp.js'
import { KEPT_PROPERTIES } from './xmp-properties.js'
import { usableValues } from './xmp-values.js'

const names = KEPT_PROPERTIES.flatMap(({ prefix, properties }) => Object.keys(properties).map(name => `${prefix}:${name}`))
const known = new Map(
  KEPT_PROPERTIES.flatMap(({ prefix, properties }) =>
    Object.entries(properties).map(([name, form]) => [`${prefix}:${name}`, form]),
  ),
)
const uris = new Map(KEPT_PROPERTIES.map(({ prefix, uri }) => [`xmlns:${prefix}`, uri.replace(/\/$/, '')]))

const value = fc.oneof(
  fc.double().map(String),
  fc.constantFrom(
    'equirectangular',
    'RTK',
    '52,31.135N',
    '2024-05-01T10:00:00',
    'True',
    '1/3',
    '1e-7',
    '2024-05-01;1,2',
    '',
    ' 1 ',
    '&amp;',
    '&#65;',
    '&x;',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.integer(), { maxLength: 60 }).map(list => list.join(',')),
  fc.base64String({ maxLength: 800 }),
)
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...names) },
  fc.constantFrom('dc:title', 'xmlns:GPano', 'xmlns', 'a', 'rdf:about', 'x:', ':'),
)
const attribute = fc.tuple(name, value).map(([key, text]) => ` ${key}="${text}"`)
const array = fc
  .tuple(fc.constantFrom('Seq', 'Bag', 'Alt'), fc.array(value, { maxLength: 70 }))
  .map(([kind, items]) => `<rdf:${kind}>${items.map(item => `<rdf:li>${item}</rdf:li>`).join('')}</rdf:${kind}>`)
const element = fc.tuple(name, fc.oneof(value, array)).map(([key, content]) => `<${key}>${content}</${key}>`)
const list = (of: fc.Arbitrary<string>) => fc.array(of, { maxLength: 8 }).map(parts => parts.join(''))
const description = fc
  .tuple(list(attribute), fc.oneof(list(element), value))
  .map(([attributes, content]) => `<rdf:Description${attributes}>${content}</rdf:Description>`)
const namespaces = KEPT_PROPERTIES.map(({ prefix, uri }) => ` xmlns:${prefix}="${uri}"`).join('')
const xmp = fc
  .tuple(fc.boolean(), list(description), mutations, fc.constantFrom('utf8', 'utf16le', 'latin1', 'swapped' as const))
  .map(([declares, content, changes, encoding]) => {
    const text = `<?xpacket begin="\ufeff"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"${declares ? namespaces : ''}>${content}</rdf:RDF></x:xmpmeta>`
    return mutated(
      encoding === 'swapped' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, encoding as BufferEncoding),
      changes,
    )
  })

/** Every name and value of a written packet is one of the allowed, by a strict parser's account. */
function checkPacket(packet: Uint8Array): void {
  const { children } = parseXml(Buffer.from(packet).toString('utf8'), { preserveComments: true })
  expect(children.filter(node => !(node instanceof XmlElement)).every(node => node instanceof XmlProcessingInstruction)).toBe(
    true,
  )
  const walk = (node: XmlElement): void => {
    for (const [key, text] of Object.entries(node.attributes)) checkAttribute(key, text)
    const form = known.get(node.name)
    if (!form) expect(['x:xmpmeta', 'rdf:RDF', 'rdf:Description', 'rdf:Seq', 'rdf:Bag', 'rdf:li']).toContain(node.name)
    const inner = node.children.filter(child => child instanceof XmlElement)
    if (form) {
      const texts = inner.length > 0 ? inner[0].children.map(item => (item as XmlElement).text) : [node.text]
      expect(usableValues(form, texts)).toEqual(texts)
    } else if (node.name !== 'rdf:li') {
      expect(
        node.children
          .filter(child => child instanceof XmlText)
          .map(({ text }) => text.trim())
          .join(''),
      ).toBe('')
    }
    inner.forEach(walk)
  }
  for (const node of children) if (node instanceof XmlElement) walk(node)
}

function checkAttribute(key: string, text: string): void {
  if (known.has(key)) expect(usableValues(known.get(key)!, [text])).toEqual([text])
  else if (uris.has(key)) expect([`${uris.get(key)}`, `${uris.get(key)}/`, `${uris.get(key)}#`]).toContain(text)
  else
    expect({
      'xmlns:x': 'adobe:ns:meta/',
      'xmlns:rdf': 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
      'rdf:about': '',
    }).toMatchObject({ [key]: text })
}

const SENTENCE =
  /^(The XMP packet could (not|only) be read( in part)?: [A-Za-z ]+|XMP properties with invalid values were not copied: [\w:, -]+?)\.$/

it(
  'XMP: no packet fails, hangs or comes through but in allowed names and forms; what is written is read the same',
  () => {
    let written = 0
    fc.assert(
      fc.property(xmp, source => {
        const { packet, warnings } = timed(() => filterXmp(source))
        for (const warning of warnings) expect(warning).toMatch(SENTENCE)
        if (!packet) return
        written++
        checkPacket(packet)
        expect(packet.length).toBeLessThan(60_000)
        const again = filterXmp(packet)
        expect(again.warnings).toEqual([])
        expect(Buffer.from(again.packet!).equals(packet)).toBe(true)
      }),
      settings,
    )
    expect(written).toBeGreaterThan(0)
  },
  timeout,
)
