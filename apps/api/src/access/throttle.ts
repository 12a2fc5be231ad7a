/** Slows down the guessing of passwords. Only wrong passwords count, so clients that sign in before every image never notice. */
export interface Throttle {
  /** Whether this address may try a password of this user now. */
  allows(username: string, address: string): boolean
  /** Notes how the attempt ended. */
  note(username: string, address: string, right: boolean): void
}

/** Wrong passwords that are allowed at once; each is forgiven after `forgiveMs`, so that nobody stays locked out. */
interface Allowance {
  burst: number
  forgiveMs: number
}

const PAIR: Allowance = { burst: 10, forgiveMs: 30_000 }
const ADDRESS: Allowance = { burst: 100, forgiveMs: 5_000 }
// Somebody who guesses from many addresses; addresses from which the user signed in before are not held up by this one.
const USER: Allowance = { burst: 100, forgiveMs: 5_000 }

/** Users and addresses remembered; the oldest are forgotten first, which bounds the memory under attack. */
const REMEMBERED = 100_000

export function createThrottle(now: () => number = Date.now): Throttle {
  const pairs = createBucket(PAIR, now)
  const addresses = createBucket(ADDRESS, now)
  const users = createBucket(USER, now)
  const trusted = new Set<string>()

  return {
    allows(username, address) {
      const pair = JSON.stringify([username, address])
      if (!pairs.hasRoom(pair)) return false
      return trusted.has(pair) || (addresses.hasRoom(address) && users.hasRoom(username))
    },
    note(username, address, right) {
      const pair = JSON.stringify([username, address])
      if (right) {
        pairs.empty(pair)
        remember(trusted, pair)
        return
      }
      pairs.fill(pair)
      addresses.fill(address)
      users.fill(username)
    },
  }
}

function remember(set: Set<string>, key: string): void {
  set.delete(key)
  if (set.size >= REMEMBERED) set.delete(set.keys().next().value!)
  set.add(key)
}

/** Leaky buckets by key: each drop leaks out after `forgiveMs`. */
function createBucket({ burst, forgiveMs }: Allowance, now: () => number) {
  // When the bucket will be empty again.
  const emptyAt = new Map<string, number>()
  const level = (key: string) => Math.max(0, (emptyAt.get(key) ?? 0) - now()) / forgiveMs

  return {
    hasRoom: (key: string) => level(key) <= burst - 1,
    fill(key: string) {
      const drop = Math.max(emptyAt.get(key) ?? 0, now()) + forgiveMs
      const until = Math.min(drop, now() + burst * forgiveMs)
      emptyAt.delete(key)
      if (emptyAt.size >= REMEMBERED) emptyAt.delete(emptyAt.keys().next().value!)
      emptyAt.set(key, until)
    },
    empty: (key: string) => emptyAt.delete(key),
  }
}
