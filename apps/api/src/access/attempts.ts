/**
 * Slows down guessing of passwords and tokens. An attempt is counted before the password is hashed
 * and uncounted when it was right, so that simultaneous guesses are all counted; only a few are
 * hashed at once, so that other requests stay fast. The counts are kept in the database, for all
 * API processes.
 */
import { createHash } from 'node:crypto'
import { ContractError, type Db, isKnownNetwork, normalUsername, rememberNetwork, type Verified } from '@obscura/shared'
import { LRUCache } from 'lru-cache'
import { createFairQueue } from './fair-queue.js'
import { type Allowance, createLimiter } from './limiter.js'
import { networkOf, wideNetworkOf } from './network.js'

/** The user name tried and the address it came from. */
export interface Attempt {
  username: string
  address: string
}

/** Who tries a user's password from a network that this user does not use. */
interface Stranger {
  /** A key of the name. */
  user: string
  network: string
  wide: string
}

/** Limits wrong passwords and refresh tokens, over all API processes. */
export interface Attempts {
  /**
   * Checks a password, unless there have been too many wrong ones.
   * @throws ContractError attemptsExceeded or signInBusy
   */
  password(attempt: Attempt, check: () => Promise<Verified>): Promise<Verified>
  /**
   * Checks a token. Nobody can guess one, so a right one is good wherever it comes from: wrong ones
   * lock nobody out.
   * @throws ContractError attemptsExceeded for a wrong one after too many from that network
   */
  token<T extends { outcome: string }>(address: string, check: () => Promise<T>, right: T['outcome']): Promise<T>
}

/** Attempts on a user from a network from which they have not signed in recently. */
const STRANGER: Allowance = { points: 10, seconds: 300 }
/**
 * Attempts on a user from a network that they use: other people and clients there must not lock
 * them out easily.
 */
const KNOWN: Allowance = { points: 100, seconds: 300 }
/** Attempts on all users together, from one network. */
const NETWORK: Allowance = { points: 100, seconds: 500 }
/**
 * The same two for all networks of one provider's customer together, where that is more than one:
 * see wideNetworkOf.
 */
const WIDE_STRANGER: Allowance = { points: 30, seconds: 300 }
const WIDE_NETWORK: Allowance = { points: 300, seconds: 500 }
/** Attempts on a user from all networks that they do not use. */
const USER: Allowance = { points: 100, seconds: 500 }
/**
 * Beyond that each such network, or wide network, has this many left: the user themselves may be in
 * one.
 */
const STRANGER_UNDER_ATTACK = 3
const TOKENS: Allowance = { points: 100, seconds: 500 }

/** Passwords hashed at once. Node's pool has four threads, which read and write files as well. */
const KNOWN_CONCURRENCY = 2
const STRANGER_CONCURRENCY = 1
/** Attempts that may wait to be hashed: hundreds of clients may start at the same time. */
const MAX_WAITING = 2000
/**
 * Networks looked up at once: all requests share the embedded database, which runs one query at a
 * time.
 */
const LOOKUP_CONCURRENCY = 2
const MAX_LOOKUPS_WAITING = 5000
/** How long a lookup is cached, so that many simultaneous attempts need only one. */
const LOOKUP_CACHE_MS = 5_000
const CACHE_SIZE = 10_000

/** Attempts counted in the database. */
export function createAttempts(db: Db): Attempts {
  const strangers = createLimiter(db, 'stranger', STRANGER)
  const known = createLimiter(db, 'known', KNOWN)
  const networks = createLimiter(db, 'network', NETWORK)
  const wideStrangers = createLimiter(db, 'wide-stranger', WIDE_STRANGER)
  const wideNetworks = createLimiter(db, 'wide-network', WIDE_NETWORK)
  const users = createLimiter(db, 'user', USER)
  const tokens = createLimiter(db, 'token', TOKENS)
  const knownQueue = createFairQueue(KNOWN_CONCURRENCY, MAX_WAITING)
  const strangerQueue = createFairQueue(STRANGER_CONCURRENCY, MAX_WAITING)
  const lookUp = createFairQueue(LOOKUP_CONCURRENCY, MAX_LOOKUPS_WAITING)
  const knownNetworks = new LRUCache<string, { known: boolean }, { username: string; network: string }>({
    max: CACHE_SIZE,
    ttl: LOOKUP_CACHE_MS,
    fetchMethod: async (_pair, _stale, { context: { username, network } }) =>
      lookUp(network, async () => ({ known: await isKnownNetwork(db, username, network) })),
  })

  async function fromKnown(pair: string, check: () => Promise<Verified>): Promise<Verified> {
    known.check(pair)
    await known.count(pair)
    const verified = await check()
    if (verified.right) await known.forgiveAll(pair)
    return verified
  }

  function checkStranger({ user, network, wide }: Stranger): void {
    strangers.check(keyOf(user, network))
    networks.check(network)
    if (wide === network) return
    wideStrangers.check(keyOf(user, wide))
    wideNetworks.check(wide)
  }

  /** @returns how often the user was tried from there */
  async function countStranger({ user, network, wide }: Stranger): Promise<number> {
    const tries = await strangers.count(keyOf(user, network))
    await networks.count(network)
    if (wide === network) return tries
    await wideNetworks.count(wide)
    return wideStrangers.count(keyOf(user, wide))
  }

  async function forgiveStranger({ user, network, wide }: Stranger): Promise<void> {
    await Promise.all([strangers.forgiveAll(keyOf(user, network)), networks.takeBack(network), users.takeBack(user)])
    if (wide !== network) await Promise.all([wideStrangers.takeBack(keyOf(user, wide)), wideNetworks.takeBack(wide)])
  }

  async function fromStranger(stranger: Stranger, check: () => Promise<Verified>): Promise<Verified> {
    checkStranger(stranger)
    const tries = await countStranger(stranger)
    await users.count(stranger.user).catch(error => {
      if (!(error instanceof ContractError) || tries > STRANGER_UNDER_ATTACK) throw error
    })
    const verified = await check()
    if (verified.right) await forgiveStranger(stranger)
    return verified
  }

  return {
    async password({ username, address }, check) {
      const network = networkOf(address)
      const user = keyOf(normalUsername(username))
      const pair = keyOf(user, network)
      const stranger = { user, network, wide: wideNetworkOf(address) }
      const isKnown = (await knownNetworks.fetch(pair, { context: { username, network } }))?.known ?? false
      // A refused attempt takes no place in the queue.
      if (isKnown) known.check(pair)
      else checkStranger(stranger)
      const verified = isKnown
        ? await knownQueue(user, () => fromKnown(pair, check))
        : await strangerQueue(stranger.wide, () => fromStranger(stranger, check))
      if (verified.right && verified.user) {
        await rememberNetwork(db, verified.user.id, network)
        knownNetworks.set(pair, { known: true })
      }
      return verified
    },

    async token(address, check, right) {
      const checked = await check()
      if (checked.outcome === right) return checked
      const network = networkOf(address)
      tokens.check(network)
      await tokens.count(network)
      return checked
    },
  }
}

/** Short, whatever a client calls itself. */
function keyOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}
