import ipaddr from 'ipaddr.js'

/**
 * The network under which attempts from an address are counted: an IPv4 address itself, also when
 * written as an IPv6 address (::ffff:192.0.2.1, 64:ff9b::192.0.2.1), or the /64 of an IPv6 address,
 * because a client with one of its addresses usually has all of them.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  const { parts } = parsed as ipaddr.IPv6
  if (parsed.range() === 'rfc6052') return [parts[6] >> 8, parts[6] & 255, parts[7] >> 8, parts[7] & 255].join('.')
  return `${new ipaddr.IPv6([...parts.slice(0, 4), 0, 0, 0, 0])}/64`
}
