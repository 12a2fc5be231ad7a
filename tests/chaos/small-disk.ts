/** A small file system of our own, which can be filled to the last byte. It takes root. */
import { execFile } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  /** Another program writes until nothing is free. */
  fill(): Promise<void>
  /** It deletes what it wrote. */
  free(): Promise<void>
  /** @throws while a process uses it */
  unmount(): Promise<void>
}

/** Mounts it in memory, on a folder. @returns undefined where that is not allowed */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  } catch {
    return undefined
  }
  const ballast = join(folder, 'ballast')
  return {
    async fill() {
      const file = await open(ballast, 'a')
      // The last write may be cut short: the one after it fails.
      const full = async () => {
        for (;;) await file.write(Buffer.alloc(1024 * 1024))
      }
      await full().catch(error => {
        if (error.code !== 'ENOSPC') throw error
      })
      await file.close()
    },
    free: () => rm(ballast, { force: true }),
    unmount: async () => void (await run('umount', [folder])),
  }
}
