import { connect } from 'node:net'

/**
 * Sends raw bytes to a server and reads until it closes. `parts` are sent one after the other, each
 * when the response to the previous part has begun (see {@link Part.after}).
 */
export interface Part {
  send: string | Uint8Array
  /** Text that the server must have sent before this part is sent. */
  after?: string
  /** Cut the connection after sending. */
  cut?: boolean
}

export function talk(url: string, parts: Part[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const waiting = [...parts]
    let received = ''
    const next = () => {
      while (waiting.length > 0 && (!waiting[0].after || received.includes(waiting[0].after))) {
        const { send, cut } = waiting.shift()!
        socket.write(send, () => cut && socket.destroy())
      }
    }
    socket.setTimeout(20_000, () => socket.destroy(new Error(`The server went silent after: ${received}`)))
    socket.on('connect', next)
    socket.on('data', data => {
      received += data
      next()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}
