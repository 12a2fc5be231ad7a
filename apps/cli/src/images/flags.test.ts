import { engineParameters, PARAMETERS, readCreateTask } from '@obscura/contract'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addParameterFlags, readParameters } from './flags.js'

function parse(...flags: string[]) {
  const command = addParameterFlags(new Command(), 'anonymize')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return readParameters(command.parse(flags, { from: 'user' }).opts())
}

/** The result of the API for the same parameters. */
function overHttp(body: Record<string, unknown>) {
  return engineParameters(readCreateTask(JSON.stringify({ anonymization_method: 'blur', ...body }), { plainHttpWebhooks: true }))
}

test('without flags: the defaults of the API, and all four classes', () => {
  expect(parse()).toEqual(overHttp({ face: true, person: true, license_plate: true, vehicle: true }))
})

test('a class given as a flag is the only one', () => {
  expect(parse('--license-plate')).toEqual(overHttp({ license_plate: true }))
})

const VALUES: Record<string, unknown> = {
  anonymization_method: 'pixelate',
  format: 'pano:8000',
  areas: '[{"box":[0,80,100,100],"unit":"percent"}]',
  ignores: '[{"topLeftX":1,"topLeftY":2,"width":3,"height":4}]',
  profile: 'thorough',
}
const flagged = PARAMETERS.filter(({ name }) => !['name', 'webhook', 'start_on', 'review'].includes(name))

test.each(flagged.map(parameter => [parameter.name, parameter] as const))(
  '%s means the same as in the API',
  (name, { type, maximum }) => {
    const flag = `--${name.replaceAll('_', '-')}`
    const value = VALUES[name] ?? (type === 'boolean' ? true : (maximum ?? 0.5))
    const given = type === 'boolean' ? [flag] : [flag, String(value)]
    expect(parse('--face', ...given)).toEqual(overHttp({ face: true, [name]: value }))
  },
)

test.each([
  ['--quality', '101', 'It must be between 0 and 100.'],
  ['--quality', 'high', 'It must be a number from 0 to 100.'],
  ['--face-anonymization-gradient-stop', '1', 'It must be at least 0 and below 1.'],
  ['--anonymization-method', 'smear', 'Allowed values: blur, pixelate, blacken.'],
  ['--anonymization-method', 'detect', 'Allowed values: blur, pixelate, blacken.'],
  ['--format', 'pano:1', 'See --help for the expected form.'],
  ['--ignores', '[{]', 'invalid'],
  ['--areas', '[{"nadir": 90}]', 'up to 45 degrees'],
  ['--profile', 'slow', 'There is no such profile; there are fast, standard, thorough.'],
])('%s %s is refused: %s', (flag, value, sentence) => {
  expect(() => parse(flag, value)).toThrow(sentence)
})
