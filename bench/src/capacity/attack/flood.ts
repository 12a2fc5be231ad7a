/** Connections that send without end, written with as little work as possible. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../api-cost/task-flow.js'

/** What an attack is aimed at. */
export interface Target extends Client {
  /** ID of a task that is done. */
  taskId: string
}

/** An HTTP/1.1 request as it is sent. */
export function request(method: string, path: string, headers: Record<string, string> = {}, body: string | Buffer = ''): Buffer {
  const all = { host: 'localhost', ...(method !== 'GET' && { 'content-length': String(Buffer.byteLength(body)) }), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** Opens a connection that ignores its errors. */
export function open(url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => undefined)
  return socket
}

/**
 * Keeps `connections` connections open; each sends the next bytes when the last have been answered,
 * and is opened again when the service closes it. Never ends.
 * @param next what is sent, at once: several requests in a row are pipelined
 */
export function flood(url: string, connections: number, next: () => Buffer): Promise<never> {
  const send = (socket: Socket) => socket.writable && socket.write(next())
  const begin = () => {
    const socket = open(url)
    socket.on('connect', () => send(socket))
    socket.on('data', () => send(socket))
    socket.on('close', () => void sleep(20).then(begin))
  }
  for (let i = 0; i < connections; i++) begin()
  return new Promise(() => undefined)
}

/** Repeats `work` in `count` loops without end; what fails is tried again. */
export async function repeat(count: number, work: () => Promise<unknown>): Promise<never> {
  const loop = async () => {
    for (;;) await work().catch(() => sleep(20))
  }
  await Promise.all(Array.from({ length: count }, loop))
  throw new Error('Unreachable.')
}
