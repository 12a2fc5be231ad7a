/**
 * Locks the folder given as argument, reports it, and holds the lock until killed; with `block` its
 * event loop is blocked.
 */
import { lockFolder } from '../folder-lock.js'

try {
  await lockFolder(process.argv[2])
  console.log('locked')
  if (process.argv[3] === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  setInterval(() => undefined, 1000)
} catch (error) {
  console.log((error as Error).name, (error as Error).message)
}
