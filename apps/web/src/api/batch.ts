/** Work of many requests: it belongs to the user who began it. */
import { session } from './session.js'

/** The user who began the work is not signed in any more. */
export class UserChangedError extends Error {
  constructor() {
    super('Stopped, because the user who began this is no longer signed in.')
    this.name = 'UserChangedError'
  }
}

/**
 * Remembers who is signed in. In another tab somebody else may sign in meanwhile: call the returned
 * function right before each further request; it throws UserChangedError when that has happened.
 */
export function sameUser(): () => void {
  const username = session.value?.username
  return () => {
    if (session.value?.username !== username) throw new UserChangedError()
  }
}

/**
 * Makes a request for each of many images, one after the other.
 * @param onProgress number of images that were done, before each request
 * @returns refusals: sentences that name the images
 * @throws UserChangedError; what is left is not done
 */
export async function forEachImage(
  ids: readonly number[],
  request: (id: number) => Promise<unknown>,
  onProgress: (done: number) => void,
): Promise<string[]> {
  const check = sameUser()
  const refusals: string[] = []
  for (const [i, id] of ids.entries()) {
    check()
    onProgress(i - refusals.length)
    await request(id).catch(error => refusals.push(`#${id}: ${error.message}`))
  }
  return refusals
}
