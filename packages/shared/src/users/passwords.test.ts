import { describe, expect, test } from 'vitest'
import { newUsername, normalUsername, UsernameRefusedError } from './names.js'
import { checkNewPassword, PasswordRefusedError } from './passwords.js'

describe('checkNewPassword', () => {
  test.each([
    'correct horse',
    'Grüße aus Graz',
    '密码是七个汉字加上五个字',
    'x7$Kq mWp2Lz',
    'the admin of Graz',
    '48203911-xk-77120',
    'a1b2c3d4e5f60718293a4b5c',
    `${'x'.repeat(59)} Kq mW`,
  ])('accepts %s', async password => {
    await checkNewPassword(password, 'maria', 12)
  })

  test.each([
    ['correct hor', 'at least 12 characters'],
    ['😀😀😀😀😀😀', 'at least 12 characters'],
    [`${'long '.repeat(300)}`, 'at most 1024'],
    ['aaaaaaaaaaaa', 'too few different characters'],
    ['121212121212', 'too few different characters'],
    ['change-me-too', 'too similar'],
    ['Change-Me-123', 'too similar'],
    ['obscura-2026!', 'too similar'],
    ['Maria.Schmidt', 'too similar'],
    ['maria.schmidt1', 'too similar'],
    ['qwerty123456', 'common'],
    ['QWERTY123456', 'common'],
    ['iloveyou1234', 'common'],
    ['...sunshine-2026...', 'common'],
    ['contortionist', 'common'],
    ['Grandmother1956', 'common'],
  ])('refuses %s', async (password, reason) => {
    const refused = await checkNewPassword(password, 'maria.schmidt', 12).catch(error => error)
    expect(refused).toBeInstanceOf(PasswordRefusedError)
    expect(refused.message).toContain(reason)
  })

  test('refuses change-me and the most common ones however short they may be', async () => {
    for (const password of ['change-me', 'changeme', 'changeme1', 'password', '12345678', 'trustno1', 'football'])
      await expect(checkNewPassword(password, 'maria', 8), password).rejects.toThrow(PasswordRefusedError)
  })
})

describe('newUsername', () => {
  test.each([
    ['maria', 'maria'],
    ['  maria \t', 'maria'],
    ['ｍａｒｉａ', 'maria'],
    ['maria.schmidt+photos@graz.example', 'maria.schmidt+photos@graz.example'],
    ['City of Graz', 'City of Graz'],
    ['7', '7'],
  ])('%j becomes %j', (given, name) => expect(newUsername(given)).toBe(name))

  test.each(['', ' ', 'mаria', 'jürgen', 'a\u200bb', 'a\nb', '-maria', 'maria.', 'x'.repeat(65), 'a/b', 'a\u0000'])(
    'refuses %j, which looks like another name or cannot be typed everywhere',
    given => expect(() => newUsername(given)).toThrow(UsernameRefusedError),
  )

  test('names are compared in the form in which they are kept', () => {
    expect(normalUsername(' ﬁnn ')).toBe('finn')
  })
})
