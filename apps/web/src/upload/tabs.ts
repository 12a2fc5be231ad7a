/** Tabs of one browser: each has its own uploads, and takes over those of closed ones. */

/** This page, until it is closed or reloaded. */
export const ownTab = crypto.getRandomValues(new Uint32Array(4)).join('-')

/** Other tabs answer at once, but the machine may be busy; one that does not has been closed. */
const ANSWER_MS = 2000
const STORED = 'obscura.tab'

const channel =
  'BroadcastChannel' in globalThis ? new BroadcastChannel(`obscura-tabs ${new URL('.', document.baseURI).pathname}`) : undefined

channel?.addEventListener('message', ({ data }) => {
  if (data === 'who') channel.postMessage({ tab: ownTab })
})

/** The page that was here before a reload: of that one it is known that it is closed. */
const before = withStorage(storage => storage.getItem(STORED))
// Not for longer than no page is shown: a tab that is duplicated takes what is stored along.
globalThis.addEventListener?.('pagehide', () => withStorage(storage => storage.setItem(STORED, ownTab)))
globalThis.addEventListener?.('pageshow', () => withStorage(storage => storage.removeItem(STORED)))

function withStorage<Value>(use: (storage: Storage) => Value): Value | undefined {
  try {
    return use(sessionStorage)
  } catch {
    // Private windows may forbid it.
  }
}

/** Which of some other tabs with this page are open. */
export async function liveTabs(tabs: Iterable<string>): Promise<ReadonlySet<string>> {
  const live = new Set<string>()
  const asked = new Set(tabs)
  for (const known of [ownTab, before]) if (known) asked.delete(known)
  if (!channel || asked.size === 0) return live
  await new Promise<void>(resolve => {
    const listen = ({ data }: MessageEvent) => {
      if (asked.delete(data?.tab)) live.add(data.tab)
      if (asked.size === 0) end()
    }
    const end = () => {
      clearTimeout(timer)
      channel.removeEventListener('message', listen)
      resolve()
    }
    const timer = setTimeout(end, ANSWER_MS)
    channel.addEventListener('message', listen)
    channel.postMessage('who')
  })
  return live
}
