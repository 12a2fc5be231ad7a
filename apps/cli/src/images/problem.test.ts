import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { describeProblem } from './problem.js'

/** An error as Node.js reports it for a path with unsafe characters. */
function failure(errno: number, code: string) {
  return Object.assign(new Error(`${code}: open 'a\u202eb'`), { errno: -errno, code })
}

test.each([
  ['EIO', 'i/o error'],
  ['ESTALE', 'the network mount no longer knows it (stale file handle)'],
  ['ENOENT', 'no such file'],
  ['EACCES', 'permission denied'],
  ['EDQUOT', 'system error EDQUOT'],
] as const)('%s is a sentence without the path', (name, sentence) => {
  const errno = constants.errno[name]
  expect(describeProblem(failure(errno, name))).toBe(sentence)
  expect(describeProblem(failure(errno, `Unknown system error -${errno}`))).toBe(sentence)
})

test('an error number without a name is shown unchanged', () => {
  expect(describeProblem(failure(9999, 'Unknown system error -9999'))).toBe('system error -9999')
})
