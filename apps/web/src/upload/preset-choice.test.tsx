// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://service.example/" }
import { beforeEach, expect, test } from 'vitest'
import { session } from '../api/session.js'
import { after, all, button, enter, press, show } from '../test/shown.js'
import { PresetChoice } from './preset-choice.js'
import { ownPresets, PRESETS, parameters } from './presets.js'

const signIn = (username: string) => {
  session.value = { token: username, username, customer: 'c', isAdmin: false }
}
const choices = () => all('option').map(({ textContent }) => textContent)
const chosen = () => {
  const { options, value } = document.querySelector('select')!
  return [...options].find(option => option.value === value)?.textContent
}

beforeEach(async () => {
  localStorage.clear()
  signIn('anna')
  parameters.value = PRESETS[0].parameters
  ownPresets.value = []
  await show(<PresetChoice />)
})

test('a preset sets all parameters at once, and is recognised in them', async () => {
  expect(chosen()).toBe('Street')
  await enter('select', 'given everything')
  expect(parameters.value).toEqual(PRESETS.find(({ name }) => name === 'everything')!.parameters)
  expect(chosen()).toBe('Blacken everything')
  await after(() => {
    parameters.value = { ...PRESETS[0].parameters, person: false }
  })
  expect(chosen()).toBe('Street')
})

test('parameters of no preset can be saved under a name, chosen again, and removed', async () => {
  await after(() => {
    parameters.value = { ...PRESETS[0].parameters, quality: 42 }
  })
  expect(chosen()).toBe('Own settings')
  expect(button('Save').disabled).toBe(true)
  await enter('input', '  Night  ')
  await press('Save')
  expect([chosen(), ownPresets.value.map(({ name }) => name)]).toEqual(['Night', ['Night']])
  await enter('select', 'given faces')
  await enter('select', 'own Night')
  expect(parameters.value.quality).toBe(42)
  await press('Remove the preset Night')
  expect(choices()).not.toContain('Night')
  expect(chosen()).toBe('Own settings')
})

test('presets of one user are not offered to another', async () => {
  await after(() => {
    parameters.value = { ...PRESETS[0].parameters, quality: 42 }
  })
  await enter('input', 'of anna')
  await press('Save')
  await after(() => signIn('ben'))
  expect(choices()).not.toContain('of anna')
  await after(() => signIn('anna'))
  expect(choices()).toContain('of anna')
})
