import { describe, expect, it } from 'vitest'
import { toNumber, usableValues, VALUE_FORMS, type ValueForm } from './xmp-values.js'

const kept = (form: ValueForm, ...values: string[]) => {
  for (const value of values) expect([value, VALUE_FORMS[form](value)]).toEqual([value, value])
}
const refused = (form: ValueForm, ...values: string[]) => {
  for (const value of values) expect([value, VALUE_FORMS[form](value)]).toEqual([value, undefined])
}

describe('numbers', () => {
  it('are kept as they stand', () => {
    kept(
      'number',
      '0',
      '-12.5',
      '+427.250',
      '0.30000000000000004',
      '1.6901727679290724e-17',
      '-1E5',
      '.5',
      '5.',
      '427250/1000',
      '+0.00',
    )
  })

  it('with more digits than a double has are rounded to one', () => {
    expect(VALUE_FORMS.number('0.300000000000000044408920985006261616945')).toBe('0.30000000000000004')
    expect(VALUE_FORMS.number(`+${'9'.repeat(40)}`)).toBe('+1e+40')
    expect(VALUE_FORMS.number(`-0.${'0'.repeat(40)}1`)).toBe('-1e-41')
  })

  it('must be finite', () => {
    refused(
      'number',
      '',
      '.',
      '-',
      'e5',
      '1e999',
      'NaN',
      'Infinity',
      '-inf',
      '0x10',
      '1 2',
      '1,5',
      '12°',
      '1/0',
      '0/0',
      '1/2/3',
      '1/',
    )
  })

  it('are worth what they say', () => {
    expect(toNumber('800')).toBe(800)
    expect(toNumber('+1600/2')).toBe(800)
    expect(toNumber('wide')).toBeNaN()
  })
})

it('lists of numbers keep what separates them', () => {
  kept('numbers', '668', '1,2', '0.3836, -1.27665, -0.1156', '1 2 3', '1;2', '1.15 -0.11/3', Array(72).fill('1').join(','))
  refused('numbers', '', ',', '1,', ',1', '1,x', '1|2', Array(73).fill('1').join(','))
  expect(VALUE_FORMS.numbers('1, 0.300000000000000044408920985')).toBe('1, 0.30000000000000004')
})

it('calibrations begin with a date, or not', () => {
  kept('calibration', '2018-08-23;3681.30,3687.02,-29.1,9.7,-0.26,0.11,0.0006,-0.0003,-0.034', '3681.30,3687.02')
  refused('calibration', '2018-08-23;', '2018-08-23;x', 'test-calibration', '2018-08-23;1;2018-08-23')
})

it('words are a few letters, and no serial numbers', () => {
  kept('word', 'RTK', 'RtkAlt', 'Red edge', 'Blue-444', 'MS_NIR_CAMERA', 'Airinov multiSPEC4C 1.1')
  refused('word', '', '5', 'PA01-1818006-SC', 'a'.repeat(33), 'a<b', 'a&b', 'é')
})

it('captures are identifiers of at most 36 letters and digits', () => {
  kept('capture', 'DFj0YDYQsRJd6hDUj7qZ', 'B9A2F3676304A83F92261B5245124F28', '123e4567-e89b-12d3-a456-426614174000')
  refused('capture', 'short', 'a'.repeat(37), 'photo of me', 'a=b+c/d12345')
})

it('positions are in degrees and minutes, or a number', () => {
  kept('coordinate', '47,4.2074N', '15,26,24.44E', '47,4.20740400000000001N', '-47.0701234')
  refused('coordinate', '47,4.2074', 'N', '47 deg', '1234,1N')
})

it('dates, switches and names have their forms', () => {
  kept('date', '2024-05-01T10:00:00.123', '2024:05:01 12:00:00+02:00')
  refused('date', 'May 1st', '1'.repeat(41))
  kept('boolean', 'True', 'false', '1')
  refused('boolean', 'yes', '2')
  kept('name', 'Canon EOS 5D Mark II', 'Société (1.0)', 'A & B', "Maker's [II] #2*")
  refused('name', '', 'a'.repeat(65), '<b>', 'a"b')
})

it('arrays are bounded as a whole', () => {
  expect(usableValues('word', [' Red\n edge ', 'NIR'])).toEqual(['Red edge', 'NIR'])
  expect(usableValues('word', Array(4).fill('a'.repeat(32)))).toHaveLength(4)
  expect(usableValues('word', Array(5).fill('a'.repeat(32)))).toBeUndefined()
  expect(usableValues('numbers', Array(21).fill('1'.repeat(24)))).toHaveLength(21)
  expect(usableValues('numbers', Array(22).fill('1'.repeat(24)))).toBeUndefined()
  expect(usableValues('numbers', ['1', 'x'])).toBeUndefined()
  expect(usableValues('numbers', ['', ' '])).toEqual([])
})
