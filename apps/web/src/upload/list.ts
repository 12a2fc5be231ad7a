/** The list of the user who is signed in: kept in the browser, shown to nobody else. */
import type { Chosen } from './dropped.js'
import { forget, forgetUser, keepFile, keepList, keepState, keptBytes, MAX_KEPT_BYTES, restore } from './kept.js'
import type { Parameters } from './presets.js'
import { counts, find, isPaused, needsFile, newUpload, show, type Upload, uploads } from './queue.js'

/** Whose list is shown. */
let owner = ''

export const ownsList = (user: string) => user === owner

/** Shows the list of another user, as far as it was kept, instead of the one that is shown. */
export async function showListOf(user: string): Promise<void> {
  owner = user
  uploads.value = []
  isPaused.value = false
  const restored = (await restore(user).catch(() => [])).filter(({ key }) => !find(key))
  if (owner !== user) return
  isPaused.value = restored.some(isHeld)
  uploads.value = [...restored.map(continued), ...uploads.value]
}

/** Paused by the user; one that met a busy service or the end of the page has a problem. */
const isHeld = ({ state, problem }: Upload) => state === 'stopped' && problem === undefined

function continued(item: Upload): Upload {
  if (item.state !== 'waiting' && item.state !== 'uploading' && item.state !== 'stopped') return item
  // A file that may have arrived is asked for before it counts as missing.
  if (!item.file && item.taskId === undefined) return { ...item, state: 'missing' }
  return isHeld(item) ? item : { ...item, state: 'waiting' }
}

/** Changes some uploads; the change survives a reload once the promise is fulfilled. */
export async function change(test: (item: Upload) => boolean, values: Partial<Upload>): Promise<void> {
  const user = owner
  const keys = new Set(uploads.value.filter(test).map(({ key }) => key))
  show(keys, values)
  await keepState(
    user,
    uploads.value.filter(({ key }) => keys.has(key)),
  )
}

/**
 * Puts files in the list; what the service does not take is refused at once. While files are
 * missing, those that are chosen again take their places, and what is in the list is not added
 * twice.
 */
export function add(files: readonly Chosen[], parameters: Parameters): void {
  const isSame = (item: Upload, { file }: Chosen) => item.size === file.size && item.modified === file.lastModified
  const hasMissing = counts.value.missing > 0
  const added: Upload[] = []
  for (const chosen of files) {
    const same = hasMissing ? uploads.value.filter(item => isSame(item, chosen)) : []
    const there = same.find(({ path }) => path === chosen.path)
    const missing = [there, ...same].find(item => item?.state === 'missing' && nameOf(item.path) === nameOf(chosen.path))
    if (missing) void change(({ key }) => key === missing.key, { file: chosen.file, state: 'waiting' })
    else if (!there) added.push(newUpload(chosen.file, chosen.path, parameters))
  }
  uploads.value = [...uploads.value, ...added]
  void keepAll(added)
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

async function keepAll(added: readonly Upload[]): Promise<void> {
  const user = owner
  await keepList(user, added)
  let room = MAX_KEPT_BYTES - (await keptBytes())
  for (const { key, size } of added) {
    const item = find(key)
    if (!item || !needsFile(item) || size > room || user !== owner || !(await keepFile(item))) continue
    room -= size
    // Meanwhile it may have been sent, or taken out of the list.
    if (find(key)) await change(other => other.key === key, { isKept: needsFile(find(key)!) })
    else await forget([item])
  }
}

/** Takes uploads in some states out of the list. */
export function clear(states: readonly Upload['state'][]): void {
  const cleared = uploads.value.filter(({ state }) => states.includes(state))
  uploads.value = uploads.value.filter(({ state }) => !states.includes(state))
  void forget(cleared)
}

/** Leaves nothing of the user's list in this browser. */
export async function forgetList(): Promise<void> {
  uploads.value = []
  await forgetUser(owner).catch(() => {})
}
