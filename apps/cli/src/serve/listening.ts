/** Starts servers, with errors that say what to do. */
import { CommandError } from '../command-error.js'

/**
 * The result of a server's start on this port and host.
 * @throws CommandError when it cannot listen there
 */
export async function listening<T>(starting: Promise<T>, port: number, host: string): Promise<T> {
  try {
    return await starting
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new CommandError(
        `Port ${port} of ${host} is in use by another program. Stop that program or choose another port: PORT=8081 npm start`,
      )
    if (code === 'EACCES') throw new CommandError(`Only root may use port ${port}. Choose a port above 1023: PORT=8080 npm start`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new CommandError(`HOST=${host} is not an address of this machine. Unset it, or use 0.0.0.0 for all addresses.`)
    throw error
  }
}

/** An address that this machine can connect to, instead of 0.0.0.0. */
export function loopback(address: string): string {
  return address.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]')
}
