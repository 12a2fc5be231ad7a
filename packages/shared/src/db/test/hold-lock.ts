/** Takes the lock of the folder given as argument, says so, and holds it until it is killed. */
import { lockFolder } from '../folder-lock.js'

try {
  await lockFolder(process.argv[2])
  console.log('locked')
  setInterval(() => undefined, 1000)
} catch (error) {
  console.log((error as Error).name, (error as Error).message)
}
