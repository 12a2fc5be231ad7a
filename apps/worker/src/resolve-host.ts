import { lookup, Resolver } from 'node:dns/promises'
import pLimit from 'p-limit'

/** How long one question may take, and how often it is asked. */
const QUESTION = { timeout: 2000, tries: 2 }
/**
 * The system's own look-up holds a thread of Node's pool until it ends: of four, which read files
 * and hash passwords as well.
 */
const bySystem = pLimit(1)

/**
 * All addresses of a host name. DNS is asked directly, which takes no thread: name servers that
 * never answer, of hosts that customers chose, would soon hold all of them. Names that only this
 * machine knows, as those in /etc/hosts, are looked up one at a time.
 * @throws the error of node:dns, whose `code` says why there is none
 */
export async function resolveHost(host: string, servers?: readonly string[]): Promise<string[]> {
  const resolver = new Resolver(QUESTION)
  if (servers) resolver.setServers(servers)
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const addresses = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  const silent = answers.find(answer => answer.status === 'rejected' && answer.reason.code === 'ETIMEOUT')
  if (silent) throw (silent as PromiseRejectedResult).reason
  return bySystem(async () => (await lookup(host, { all: true })).map(({ address }) => address))
}
