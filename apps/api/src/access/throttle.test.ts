import { describe, expect, it } from 'vitest'
import { createThrottle } from './throttle.js'

function setUp() {
  let time = 0
  const throttle = createThrottle(() => time)
  return {
    throttle,
    pass: (ms: number) => {
      time += ms
    },
    wrong: (count: number, username: string, address: string) => {
      for (let i = 0; i < count; i++) throttle.note(username, address, false)
    },
  }
}

describe('createThrottle', () => {
  it('holds up one who guesses, and forgives with time', () => {
    const { throttle, wrong, pass } = setUp()
    wrong(9, 'ann', '1.1.1.1')
    expect(throttle.allows('ann', '1.1.1.1')).toBe(true)
    wrong(1, 'ann', '1.1.1.1')
    expect(throttle.allows('ann', '1.1.1.1')).toBe(false)
    pass(30_000)
    expect(throttle.allows('ann', '1.1.1.1')).toBe(true)
  })

  it('never makes anybody wait longer than for one drop, however many guesses there were', () => {
    const { throttle, wrong, pass } = setUp()
    wrong(1000, 'ann', '1.1.1.1')
    pass(30_000)
    expect(throttle.allows('ann', '1.1.1.1')).toBe(true)
  })

  it('leaves other users and other addresses alone', () => {
    const { throttle, wrong } = setUp()
    wrong(20, 'ann', '1.1.1.1')
    expect(throttle.allows('bob', '1.1.1.1')).toBe(true)
    expect(throttle.allows('ann', '2.2.2.2')).toBe(true)
  })

  it('holds up an address that tries many users', () => {
    const { throttle, wrong } = setUp()
    for (let i = 0; i < 100; i++) wrong(1, `user${i}`, '1.1.1.1')
    expect(throttle.allows('ann', '1.1.1.1')).toBe(false)
    expect(throttle.allows('ann', '2.2.2.2')).toBe(true)
  })

  it('never locks a user out of the address from which they sign in, whoever guesses elsewhere', () => {
    const { throttle, wrong } = setUp()
    throttle.note('ann', '5.5.5.5', true)
    for (let i = 0; i < 200; i++) wrong(1, 'ann', `9.9.9.${i}`)
    expect(throttle.allows('ann', '7.7.7.7')).toBe(false)
    expect(throttle.allows('ann', '5.5.5.5')).toBe(true)
  })

  it('forgets wrong passwords after the right one, and never counts right ones', () => {
    const { throttle, wrong } = setUp()
    wrong(9, 'ann', '1.1.1.1')
    for (let i = 0; i < 1000; i++) throttle.note('ann', '1.1.1.1', true)
    wrong(9, 'ann', '1.1.1.1')
    expect(throttle.allows('ann', '1.1.1.1')).toBe(true)
  })
})
