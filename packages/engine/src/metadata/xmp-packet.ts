import { KEPT_PROPERTIES } from './xmp-properties.js'
import type { XmpForm } from './xmp-reader.js'

/** A property that is kept, ready to be written. */
export interface XmpProperty {
  /** Of its namespace, with the end that the source gives it. */
  uri: string
  form: XmpForm
  /** One, or those of an array. */
  values: string[]
}

/**
 * A packet of properties by name, in the order of their table and each in the form that it was read
 * in: there are programs that find it in no other.
 */
export function writePacket(properties: ReadonlyMap<string, XmpProperty>): string {
  const written = KEPT_PROPERTIES.flatMap(({ prefix, properties: names }) => {
    const present = Object.keys(names).flatMap(name => {
      const property = properties.get(`${prefix}:${name}`)
      return property ? [{ name: `${prefix}:${name}`, ...property }] : []
    })
    return present.length > 0 ? [{ namespace: `\n xmlns:${prefix}="${present[0].uri}"`, present }] : []
  })
  const attributes = written.map(({ namespace, present }) => namespace + present.map(asAttribute).join(''))
  const elements = written.flatMap(({ present }) => present.map(asElement)).join('')
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about=""${attributes.join('')}${elements ? `>${elements}\n</rdf:Description>` : '/>'}`,
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n')
}

/** About as many characters as a property takes in a packet. */
export function writtenLength(name: string, { values }: XmpProperty): number {
  return 2 * name.length + values.reduce((sum, value) => sum + value.length + '<rdf:li></rdf:li>'.length, 0)
}

function asAttribute({ name, form, values }: XmpProperty & { name: string }): string {
  return form === 'attribute' ? ` ${name}="${escaped(values[0])}"` : ''
}

function asElement({ name, form, values }: XmpProperty & { name: string }): string {
  if (form === 'attribute') return ''
  if (form === 'element') return `\n <${name}>${escaped(values[0])}</${name}>`
  const items = values.map(value => `<rdf:li>${escaped(value)}</rdf:li>`)
  return `\n <${name}><rdf:${form}>${items.join('')}</rdf:${form}></${name}>`
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
