import { parseXml, XmlElement, XmlText } from '@rgrove/parse-xml'
import { KEPT_PROPERTIES, VALUE_FORMS } from './xmp-properties.js'

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const LONGEST_PACKET = 1024 ** 2

/** A fresh XMP packet of the source's kept properties; undefined when there is none to keep or the packet is no well-formed XML. */
export function freshXmp(source: Uint8Array): Uint8Array | undefined {
  const properties = readProperties(source)
  return properties.size > 0 ? Buffer.from(packet(properties), 'utf8') : undefined
}

/** Values by namespace and name ("uri name"), found as attributes or text elements of any rdf:Description. */
export function readProperties(source: Uint8Array): Map<string, string> {
  const found = new Map<string, string>()
  if (source.length > LONGEST_PACKET) return found
  try {
    const { root } = parseXml(Buffer.from(source).toString('utf8'))
    if (root) collect(root, new Map(), found)
  } catch {
    // Broken or hostile XML: nothing of it is kept.
    found.clear()
  }
  return found
}

function collect(element: XmlElement, outer: ReadonlyMap<string, string>, found: Map<string, string>): void {
  const prefixes = new Map(outer)
  for (const [name, value] of Object.entries(element.attributes))
    if (name.startsWith('xmlns:')) prefixes.set(name.slice(6), value)
  const children = element.children.filter(child => child instanceof XmlElement)
  if (expand(element.name, prefixes) === `${RDF} Description`) {
    for (const [name, value] of Object.entries(element.attributes)) keep(expand(name, prefixes), value, found)
    for (const child of children) {
      const isText = child.children.every(node => node instanceof XmlText)
      if (isText) keep(expand(child.name, prefixes), child.text, found)
    }
  }
  for (const child of children) collect(child, prefixes, found)
}

function expand(name: string, prefixes: ReadonlyMap<string, string>): string {
  const [prefix, local] = name.split(':')
  return `${prefixes.get(prefix) ?? ''} ${local}`
}

function keep(name: string, value: string, found: Map<string, string>): void {
  const [uri, local] = name.split(' ')
  const form = KEPT_PROPERTIES.find(namespace => namespace.uri === uri)?.properties[local]
  if (form && VALUE_FORMS[form].test(value.trim()) && !found.has(name)) found.set(name, value.trim())
}

/** Written as attributes of one description: the form that every panorama viewer reads. */
function packet(properties: ReadonlyMap<string, string>): string {
  const namespaces = KEPT_PROPERTIES.map(({ prefix, uri, properties: names }) => {
    const attributes = Object.keys(names)
      .filter(name => properties.has(`${uri} ${name}`))
      .map(name => ` ${prefix}:${name}="${escaped(properties.get(`${uri} ${name}`)!)}"`)
    return attributes.length > 0 ? `\n xmlns:${prefix}="${uri}"${attributes.join('')}` : ''
  })
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    `<rdf:RDF xmlns:rdf="${RDF}">`,
    `<rdf:Description rdf:about=""${namespaces.join('')}/>`,
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n')
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
