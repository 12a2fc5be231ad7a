import { statfs } from 'node:fs/promises'

/** Bytes that unprivileged programs can still write to the disk of `folder`. */
export async function freeDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
