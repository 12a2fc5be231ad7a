import { constants, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { onDisk } from '../file-names.js'

/** Opening a named pipe would block forever, and reading a device may never end. */
export const NOT_A_FILE = 'it is a named pipe, socket or device, not a file'

const { O_NONBLOCK = 0, O_RDONLY } = constants

/**
 * Reads a file, and what the system said of it before. Whoever can write to its folder may put
 * something else in its place at any time: nothing but a file is read, and opening never blocks.
 * @param accept throws when a file of that size is not to be read
 * @throws the system's error; Error with NOT_A_FILE
 */
export async function readRegularFile(name: string, accept: (bytes: number) => void): Promise<{ bytes: Buffer; info: Stats }> {
  const require = (info: Stats) => {
    // Reading a folder gives the system's own sentence.
    if (!info.isFile() && !info.isDirectory()) throw new Error(NOT_A_FILE)
    accept(info.size)
    return info
  }
  // Opening a device can have effects of its own.
  require(await stat(onDisk(name)))
  const handle = await open(onDisk(name), O_RDONLY | O_NONBLOCK)
  try {
    const info = require(await handle.stat())
    return { info, bytes: await handle.readFile() }
  } finally {
    await handle.close()
  }
}
