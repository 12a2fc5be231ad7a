/**
 * Uploads that survive a reload: the list, and the files as far as they fit, in the browser's
 * IndexedDB. Where a browser has none, the list lives as long as the page.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { needsFile, type Upload } from './queue.js'
import { liveTabs, ownTab } from './tabs.js'

/** Bytes of files that are kept at most, of all users of this browser. */
export const MAX_KEPT_BYTES = 1024 ** 3
/** Uploads of any user that nobody continued for this time are removed. */
const MAX_KEPT_MS = 7 * 86_400_000

type Kept = Omit<Upload, 'file' | 'progress'> & { user: string; tab: string; time: number }

interface Schema extends DBSchema {
  uploads: { key: string; value: Kept; indexes: { user: string } }
  files: { key: string; value: Blob }
}

/** Services below different prefixes of one host have lists of their own. */
const NAME = `obscura ${new URL('.', document.baseURI).pathname}`

let opened: Promise<IDBPDatabase<Schema> | undefined> | undefined

function open(): Promise<IDBPDatabase<Schema> | undefined> {
  opened ??= openCleaned().catch(() => undefined)
  return opened
}

async function openCleaned(): Promise<IDBPDatabase<Schema>> {
  const db = await openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('uploads', { keyPath: 'key' }).createIndex('user', 'user')
      db.createObjectStore('files')
    },
  })
  await removeOld(db)
  return db
}

/** Removes old uploads, and files that are in no list: nobody would find them again. */
async function removeOld(db: IDBPDatabase<Schema>): Promise<void> {
  const tx = db.transaction(['uploads', 'files'], 'readwrite')
  const [list, files] = [tx.objectStore('uploads'), tx.objectStore('files')]
  const all = await list.getAll()
  const listed = new Set(all.filter(({ time }) => time >= Date.now() - MAX_KEPT_MS).map(({ key }) => key))
  for (const { key } of all) if (!listed.has(key)) void list.delete(key)
  for (const key of await files.getAllKeys()) if (!listed.has(key)) void files.delete(key)
  await tx.done
}

async function remove(db: IDBPDatabase<Schema>, uploads: readonly { key: string }[]): Promise<void> {
  const tx = db.transaction(['uploads', 'files'], 'readwrite')
  for (const { key } of uploads) {
    void tx.objectStore('uploads').delete(key)
    void tx.objectStore('files').delete(key)
  }
  await tx.done
}

function record({ file: _file, progress: _progress, ...rest }: Upload, user: string): Kept {
  return { ...rest, user, tab: ownTab, time: Date.now() }
}

/** Adds uploads to the list, without their files. */
export async function keepList(user: string, uploads: readonly Upload[]): Promise<void> {
  const db = await open()
  if (!db) return
  const tx = db.transaction('uploads', 'readwrite')
  for (const upload of uploads) void tx.store.put(record(upload, user))
  await tx.done.catch(() => {})
}

/** Bytes of the files that are stored, of all users of this browser. */
export async function keptBytes(): Promise<number> {
  const db = await open()
  if (!db) return Number.POSITIVE_INFINITY
  return (await db.getAll('uploads')).reduce((bytes, { isKept, size }) => bytes + (isKept ? size : 0), 0)
}

/**
 * Stores a file of the list.
 * @returns false when the browser has no room for it, or it was taken out of the list, as another
 * tab does when the user signs out there
 */
export async function keepFile({ key, file }: Upload): Promise<boolean> {
  const db = await open()
  if (!db || !file) return false
  try {
    const tx = db.transaction(['uploads', 'files'], 'readwrite')
    const isListed = (await tx.objectStore('uploads').getKey(key)) !== undefined
    await Promise.all([isListed && tx.objectStore('files').put(file, key), tx.done])
    return isListed
  } catch {
    return false
  }
}

/** Writes down how far uploads are that are still in the list. Files that arrived are removed. */
export async function keepState(user: string, uploads: readonly Upload[]): Promise<void> {
  const db = await open()
  if (!db) return
  const tx = db.transaction(['uploads', 'files'], 'readwrite')
  const list = tx.objectStore('uploads')
  for (const upload of uploads) {
    if (!(await list.getKey(upload.key))) continue
    void list.put(record(upload, user))
    // Not all that are not kept: the file of this one may be stored at this moment.
    if (!needsFile(upload)) void tx.objectStore('files').delete(upload.key)
  }
  await tx.done.catch(() => {})
}

/** Removes uploads. */
export async function forget(uploads: readonly { key: string }[]): Promise<void> {
  const db = await open()
  if (db) await remove(db, uploads)
}

/** Removes all uploads of a user. */
export async function forgetUser(user: string): Promise<void> {
  const db = await open()
  if (db) await remove(db, await db.getAllFromIndex('uploads', 'user', user))
}

/** The user's uploads of a page that was closed or reloaded, which this page continues. */
export async function restore(user: string): Promise<Upload[]> {
  const db = await open()
  if (!db) return []
  const others = await liveTabs((await db.getAllFromIndex('uploads', 'user', user)).map(({ tab }) => tab))
  const tx = db.transaction(['uploads', 'files'], 'readwrite')
  const restored: Upload[] = []
  for (const kept of await tx.objectStore('uploads').index('user').getAll(user)) {
    if (others.has(kept.tab)) continue
    void tx.objectStore('uploads').put({ ...kept, tab: ownTab })
    const { user: _user, tab: _tab, time: _time, ...upload } = kept
    // Whatever the record says: the page may have been closed between the two.
    const file = await tx.objectStore('files').get(upload.key)
    restored.push({ ...upload, file, isKept: file !== undefined, progress: 0 })
  }
  await tx.done
  return restored
}
