import { session, signOut } from '../api/session.js'
import { forgetDrafts, hasDrafts } from '../correct/drafts.js'
import { text } from '../text/index.js'
import { counts } from '../upload/queue.js'
import { forgetUploads } from '../upload/work.js'

/** Tells the other tabs of this browser, which show the same service, who has signed out. */
const channel =
  'BroadcastChannel' in globalThis ? new BroadcastChannel(`obscura-leave ${new URL('.', document.baseURI).pathname}`) : undefined

channel?.addEventListener('message', ({ data }) => {
  if (data !== session.value?.username) return
  void forgetAll()
  session.value = null
})

/**
 * Signs out in all tabs, after a question when something of this one would be lost; whoever uses
 * this browser next finds no files and no corrections of this user.
 */
export async function leave(): Promise<void> {
  const t = text.value
  const { waiting, uploading, stopped, missing } = counts.value
  const open = waiting + uploading + stopped + missing
  if (open > 0 && !confirm(t.confirmSignOut(open))) return
  if (hasDrafts() && !confirm(t.confirmDiscardDrafts)) return
  channel?.postMessage(session.value?.username)
  await forgetAll()
  await signOut().catch(() => {})
}

async function forgetAll(): Promise<void> {
  forgetDrafts()
  await forgetUploads()
}
