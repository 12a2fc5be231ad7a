import { type Reserve, ShortageError } from '@obscura/shared'

interface Upload {
  end(reason: ShortageError): void
  /** Resolves when its files have been moved or removed. */
  left: Promise<void>
}

/** The disk space of an upload. */
export interface DiskSpace {
  /** Waits for space for `bytes` more. @throws ShortageError when there is none */
  need(bytes: number): Promise<void>
  leave(): void
}

/**
 * Shares the disk between uploads. Only bytes that have arrived count, so that announcing many
 * takes nothing from others. When space runs short, the most recent uploads are ended, one after
 * the other, to make room for the rest.
 * @returns a function that admits an upload; `end` is called to end it
 */
export function createDiskSpace(disk: Reserve | undefined): (end: Upload['end']) => DiskSpace {
  const uploads = new Set<Upload>()

  return end => {
    let leave: () => void = () => undefined
    const left = new Promise<void>(resolve => {
      leave = resolve
    })
    const upload: Upload = { end, left }
    uploads.add(upload)
    return {
      async need(bytes) {
        for (;;) {
          const shortage = await shortageOf(disk, bytes)
          if (!shortage) return
          const youngest = [...uploads].at(-1)
          if (youngest === undefined || youngest === upload) throw shortage
          youngest.end(shortage)
          await youngest.left
        }
      },
      leave() {
        uploads.delete(upload)
        leave()
      },
    }
  }
}

async function shortageOf(disk: Reserve | undefined, bytes: number): Promise<ShortageError | undefined> {
  try {
    await disk?.require(bytes)
    return undefined
  } catch (error) {
    if (error instanceof ShortageError) return error
    throw error
  }
}
