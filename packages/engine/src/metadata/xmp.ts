import { writePacket, writtenLength, type XmpProperty } from './xmp-packet.js'
import { keptNamespace } from './xmp-properties.js'
import { readRdf } from './xmp-reader.js'
import { packetText } from './xmp-text.js'
import { usableValues } from './xmp-values.js'

const MAX_PACKET = 2 * 1024 ** 2
/**
 * Characters of all that is kept: a quarter of this is usual, and a segment of a JPEG has room for
 * it.
 */
const MAX_KEPT = 24 * 1024
/** Names that a warning gives. */
const MAX_NAMED = 8

/** What is kept of a packet. */
export interface XmpReading {
  /** By their usual name, "GPano:ProjectionType". */
  properties: ReadonlyMap<string, XmpProperty>
  /** Warnings about properties that could not be copied, without quoting the packet. */
  warnings: string[]
}

/**
 * Creates an XMP packet with the kept properties of the source (undefined when there are none), and
 * lists what was lost.
 */
export function filterXmp(source: Uint8Array): { packet?: Uint8Array; warnings: string[] } {
  const { properties, warnings } = readXmp(source)
  return { packet: properties.size > 0 ? Buffer.from(writePacket(properties), 'utf8') : undefined, warnings }
}

/**
 * Reads the kept properties of a packet, which may be damaged; the first usable value of several
 * counts.
 */
export function readXmp(packet: Uint8Array): XmpReading {
  const properties = new Map<string, XmpProperty>()
  const isBlank = packet.every(byte => byte <= 0x20)
  if (isBlank) return { properties, warnings: [] }
  const unusable = new Set<string>()
  let room = MAX_KEPT
  const text = packet.length <= MAX_PACKET ? packetText(packet) : undefined
  const isWhole =
    text !== undefined &&
    readRdf(text, (uri, local, form, values) => {
      const namespace = keptNamespace(uri)
      if (!namespace || !Object.hasOwn(namespace.properties, local)) return
      const name = `${namespace.prefix}:${local}`
      const usable = values && usableValues(namespace.properties[local], values)
      if (properties.has(name) || usable?.length === 0) return
      const property = usable && { uri, form, values: usable }
      room -= property ? writtenLength(name, property) : 0
      if (property && room >= 0) properties.set(name, property)
      else unusable.add(name)
    })
  const lost = [...unusable].filter(name => !properties.has(name))
  return { properties, warnings: warningsOf(isWhole, properties.size, lost) }
}

function warningsOf(isWhole: boolean, kept: number, lost: string[]): string[] {
  const warnings: string[] = []
  if (!isWhole && kept === 0) warnings.push('The XMP packet could not be read: GPano and camera pose were not copied.')
  else if (!isWhole)
    warnings.push('The XMP packet could only be read in part: properties after the damaged place were not copied.')
  const others = lost.length > MAX_NAMED ? ` and ${lost.length - MAX_NAMED} more` : ''
  if (lost.length > 0)
    warnings.push(`XMP properties with invalid values were not copied: ${lost.slice(0, MAX_NAMED).join(', ')}${others}.`)
  return warnings
}
