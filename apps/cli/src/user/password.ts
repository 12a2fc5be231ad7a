import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from '../command-error.js'

/**
 * Reads the new password of a user: from stdin without the final newline, or typed twice at the
 * terminal without echo.
 * @throws CommandError when it is empty, the two entries differ, or there is no terminal
 */
export async function readPassword(username: string, fromStdin: boolean): Promise<string> {
  if (!fromStdin && !process.stdin.isTTY)
    throw new CommandError('No terminal to read the password from: pipe it in with --password-stdin.')
  const password = fromStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : await askTwice(username)
  if (password === '') throw new CommandError('The password is empty.')
  return password
}

async function askTwice(username: string): Promise<string> {
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: mute, terminal: true })
  const ask = async (question: string) => {
    process.stderr.write(question)
    const typed = await lines.question('')
    process.stderr.write('\n')
    return typed
  }
  lines.on('SIGINT', () => process.exit(130))
  try {
    const password = await ask(`Password for ${username}: `)
    if (password !== (await ask('Repeat the password: '))) throw new CommandError('The passwords do not match.')
    return password
  } finally {
    lines.close()
  }
}
