import { type Reserve, ShortageError } from '@obscura/shared'

interface Guest {
  end(reason: ShortageError): void
  /** Resolves when its files have been moved or removed. */
  left: Promise<void>
}

/** The disk space of an upload. */
export interface Room {
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
export function createRooms(disk: Reserve | undefined): (end: Guest['end']) => Room {
  const guests = new Set<Guest>()

  return end => {
    let leave: () => void = () => undefined
    const left = new Promise<void>(resolve => {
      leave = resolve
    })
    const guest: Guest = { end, left }
    guests.add(guest)
    return {
      async need(bytes) {
        for (;;) {
          const shortage = await shortageOf(disk, bytes)
          if (!shortage) return
          const youngest = [...guests].at(-1)
          if (youngest === undefined || youngest === guest) throw shortage
          youngest.end(shortage)
          await youngest.left
        }
      },
      leave() {
        guests.delete(guest)
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
