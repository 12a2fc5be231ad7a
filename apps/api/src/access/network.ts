import ipaddr from 'ipaddr.js'

/**
 * The network under which attempts from an address are counted: an IPv4 address itself, also when
 * written as an IPv6 address (::ffff:192.0.2.1, 64:ff9b::192.0.2.1), or the /64 of an IPv6 address,
 * because a client with one of its addresses usually has all of them.
 */
export function networkOf(address: string): string {
  return within(address, 64)
}

/**
 * The /48 of an IPv6 address, which providers give to a single customer: whoever has one has 65,536
 * networks. Of an IPv4 address what {@link networkOf} says.
 */
export function wideNetworkOf(address: string): string {
  return within(address, 48)
}

function within(given: string, bits: 48 | 64): string {
  const address = withoutPort(given)
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const { parts } = parsed as ipaddr.IPv6
  if (parsed.range() === 'rfc6052') return [parts[6] >> 8, parts[6] & 255, parts[7] >> 8, parts[7] & 255].join('.')
  const kept = bits / 16
  return `${new ipaddr.IPv6(parts.map((part, index) => (index < kept ? part : 0)))}/${bits}`
}

// Some proxies write the client's port as well, which is another one for each connection.
function withoutPort(address: string): string {
  return address.replace(/^\[([^\]]*)\](?::\d*)?$/, '$1').replace(/^([\d.]+):\d*$/, '$1')
}
