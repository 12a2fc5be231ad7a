import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCreateTask } from './create-task.js'
import { ContractError } from './errors.js'
import { engineParameters } from './parameters/engine-parameters.js'
import { PANORAMA_PRESETS } from './parameters/format.js'
import { PARAMETERS } from './parameters/parameters.js'

const rules = { plainHttpWebhooks: false }
const minimal = { anonymization_method: 'blur', face: true }

function read(body: unknown) {
  return readCreateTask(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body), rules)
}

function sentence(body: unknown): string {
  try {
    read(body)
  } catch (error) {
    expect(error).toBeInstanceOf(ContractError)
    return (error as ContractError).message
  }
  return 'accepted'
}

const refusals: [what: string, body: unknown, sentence: string][] = [
  ['an empty body', '', 'Could not create task. Please add a JSON body.'],
  ['white space', ' \n', 'Could not create task. Please add a JSON body.'],
  ['broken JSON', '{"face": tru', 'Could not create task. Request body is not correct. It is not valid JSON.'],
  ['a list', [minimal], 'Could not create task. Request body is not correct. It is not a JSON object.'],
  ['null', 'null', 'Could not create task. Request body is not correct. It is not a JSON object.'],
  ['no method', { face: true }, 'Could not create task. Request body is not correct. anonymization_method is required.'],
  [
    'no class',
    { anonymization_method: 'blur' },
    'Could not create task. Request body is not correct. At least one of face, license_plate, person or vehicle must be true.',
  ],
  [
    'classes that are all false',
    { anonymization_method: 'blur', face: false, person: false },
    'Could not create task. Request body is not correct. At least one of face, license_plate, person or vehicle must be true.',
  ],
  ...['colour', 'Face', 'task_id', 'extraction_types', '__proto__', 'constructor', ''].map((key): [string, unknown, string] => [
    `the unknown key "${key}"`,
    `{"anonymization_method": "blur", "face": true, "${key}": 1}`,
    `Could not create task. ${key} parameter caused an error. This parameter does not exist.`,
  ]),
  ...(
    [
      ['anonymization-method', 'smear'],
      ['anonymization_method', true],
      ['face', 'true'],
      ['face', 1],
      ['debug', null],
      ['quality', 'high'],
      ['quality', '0x10'],
      ['quality', ''],
      ['quality', true],
      ['quality', null],
      ['face-threshold', [0.5]],
      ['format', 'pano:1234'],
      ['format', 8000],
      ['format', null],
      ['ignores', 5],
      ['ignores', {}],
      ['ignores', '[{"topLeftX": 1, "topLeftY": 1, "width": 1, "height": 1, "note": "\ud800"}]'],
      ['webhook', 1],
      ['webhook', 'https://example.com/\0'],
      ['start-on', 'start'],
      ['name', ['a']],
      ['name', 'half a pair \ud800'],
    ] as const
  ).map(([key, value]): [string, unknown, string] => [
    `${key} ${JSON.stringify(value)}`,
    { ...minimal, [key]: value },
    `Could not create task. ${key} parameter received an unexpected value.`,
  ]),
  ...(
    [
      ['mask-scale', 101, 'It must be between 0 and 100.'],
      ['quality', -1, 'It must be between 0 and 100.'],
      ['quality', '100.5', 'It must be between 0 and 100.'],
      ['compress_level', 10, 'It must be between 0 and 9.'],
      ['person_threshold', 1.01, 'It must be between 0 and 1.'],
      ['face-anonymization-gradient-stop', 1, 'It must be at least 0 and below 1.'],
      ['face_anonymization_gradient_start', -0.1, 'It must be between 0 and 10.'],
      ['ignores', '[{', 'It is not valid JSON.'],
      ['ignores', '{}', 'It must be a list of objects {topLeftX, topLeftY, width, height}.'],
      ['ignores', [{ topLeftX: 1, topLeftY: 1, width: 5 }], 'Area 0 must have the number height.'],
      ['ignores', [null], 'Area 0 must have the number topLeftX.'],
      ['ignores', [{ topLeftX: 1, topLeftY: 1, width: -5, height: 1 }], 'Area 0 has a negative width or height.'],
      ['format', '{"number": [2,', 'It is not valid JSON.'],
      ['format', { number: [0, 2], overlap: [0, 0] }, 'A grid needs "number": [across, down] with whole numbers from 1 to 32.'],
      ['format', { number: [33, 1], overlap: [0, 0] }, 'A grid needs "number": [across, down] with whole numbers from 1 to 32.'],
      ['format', { number: [25, 25], overlap: [0, 0] }, 'A grid may have at most 400 tiles; 25 x 25 are 625.'],
      ['format', '{"number": [32, 13], "overlap": [0, 0]}', 'A grid may have at most 400 tiles; 32 x 13 are 416.'],
      [
        'format',
        { number: [2, 2], overlap: [0, 1] },
        'A grid needs "overlap": [across, down] with fractions from 0 up to, but not including, 1.',
      ],
      ['format', { number: [2, 2], overlap: [0, 0], tiles: 4 }, 'Unknown grid field tiles; allowed: number, overlap.'],
      ['webhook', 'example', 'It is not a URL.'],
      ['webhook', 'http://example.com/', 'Only https URLs are accepted.'],
      ['webhook', 'file:///etc/passwd', 'Only https URLs are accepted.'],
      ['name', 'x'.repeat(1001), 'It must have at most 1000 characters.'],
    ] as const
  ).map(([key, value, cause]): [string, unknown, string] => [
    `${key} ${JSON.stringify(value).slice(0, 60)}`,
    { ...minimal, [key]: value },
    `Could not create task. ${key} parameter value caused an error. ${cause}`,
  ]),
]

describe('readCreateTask', () => {
  it('fills in the documented defaults', () => {
    expect(read(minimal)).toEqual({
      name: null,
      debug: false,
      score: false,
      anonymization_method: 'blur',
      face: true,
      license_plate: false,
      person: false,
      vehicle: false,
      format: 'whole',
      bbox: false,
      ignores: '',
      areas: '',
      mask_scale: 100,
      quality: 90,
      compress_level: 5,
      kernel_size_face: 0.35,
      kernel_size_person: 91,
      kernel_size_license_plate: 0.5,
      kernel_size_vehicle: 61,
      face_anonymization_gradient_start: 0.3,
      face_anonymization_gradient_stop: 0,
      license_plate_anonymization_gradient_start: 0.3,
      license_plate_anonymization_gradient_stop: 0,
      webhook: null,
      start_on: 'upload',
      review: false,
      binary_segmentation_mask: false,
      instance_segmentation_mask: false,
      face_threshold: 0.5,
      vehicle_threshold: 0.4,
      person_threshold: 0.4,
      license_plate_threshold: 0.5,
      profile: null,
    })
  })

  it.each(refusals)('refuses %s', (_what, body, expected) => {
    expect(sentence(body)).toBe(expected)
  })

  it('takes hyphens for underscores in every key', () => {
    for (const { name, default: value } of PARAMETERS) {
      const key = name.replaceAll('_', '-')
      expect(sentence({ ...minimal, [key]: key in minimal || value === undefined ? 'blur' : value }), key).toBe(
        name === 'face' ? 'Could not create task. face parameter received an unexpected value.' : 'accepted',
      )
    }
  })

  it('accepts a key in both spellings when they agree, and names the second when they do not', () => {
    expect(sentence({ ...minimal, 'face-threshold': 0.7, face_threshold: '0.70' })).toBe('accepted')
    expect(sentence({ ...minimal, face_threshold: 0.7, 'face-threshold': 0.6 })).toBe(
      'Could not create task. face-threshold parameter received an unexpected value.',
    )
  })

  it('takes decimal text for a number', () => {
    expect(read({ ...minimal, quality: ' 75 ', face_threshold: '.5', kernel_size_face: '1e-1' })).toMatchObject({
      quality: 75,
      face_threshold: 0.5,
      kernel_size_face: 0.1,
    })
  })

  it.each([
    ...Object.keys(PANORAMA_PRESETS),
    'whole',
    ' {"number":[2,2],"overlap":[0,0.1]}',
    '{"number":[20,20],"overlap":[0,0]}',
  ])('keeps the format %s', format => {
    expect(read({ ...minimal, format }).format).toBe(format)
  })

  it('keeps a grid and areas as text, and passes them to the engine parsed', () => {
    const area = { topLeftX: 182, topLeftY: 154, width: 2000, height: 2000 }
    const asJson = read({ ...minimal, format: { number: [2, 1], overlap: [0, 0] }, ignores: [area], quality: 89.6 })
    expect(asJson.format).toBe('{"number":[2,1],"overlap":[0,0]}')
    expect(asJson.ignores).toBe(JSON.stringify([area]))
    const text = `[ ${JSON.stringify(area)} ]`
    expect(read({ ...minimal, ignores: text }).ignores).toBe(text)
    expect(engineParameters(asJson)).toMatchObject({ format: { number: [2, 1], overlap: [0, 0] }, ignores: [area], quality: 90 })
  })

  it('reads an empty webhook as none, and accepts plain http only by setting', () => {
    expect(read({ ...minimal, webhook: '' }).webhook).toBeNull()
    const body = JSON.stringify({ ...minimal, webhook: 'http://127.0.0.1/hook?a=b' })
    expect(readCreateTask(body, { plainHttpWebhooks: true }).webhook).toBe('http://127.0.0.1/hook?a=b')
  })

  it('ignores mime_type, in either spelling, and a byte order mark', () => {
    expect(sentence(`\uFEFF${JSON.stringify({ ...minimal, 'mime-type': 'image/jpeg' })}`)).toBe('accepted')
    expect(sentence({ ...minimal, mime_type: 'text/plain' })).toBe('accepted')
  })

  it('finds what is wrong in nested JSON, and parses none that is nested deeply', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    const ignores = (depth: number) => sentence(`{"anonymization_method":"blur","face":true,"ignores":${nested(depth)}}`)
    const format = `{"number":${nested(20)},"overlap":[0,0]}`
    expect(ignores(20)).toMatch(/Area 0 must have/)
    expect(sentence(`{"anonymization_method":"blur","face":true,"format":${format}}`)).toMatch(/A grid needs/)
    expect(ignores(200_000)).toMatch(/Request body is not correct\. Its lists and objects are more than 32 deep\.$/)
  })
})

describe('the profile', () => {
  const choose = (profile: unknown, profiles?: string[]) =>
    readCreateTask(JSON.stringify({ ...minimal, profile }), { ...rules, profiles }).profile

  it('is one of the existing ones, or none', () => {
    expect(choose('thorough', ['fast', 'standard', 'thorough'])).toBe('thorough')
    expect(choose('survey-2', ['standard', 'survey-2'])).toBe('survey-2')
    expect(choose(null)).toBeNull()
    expect(choose('')).toBeNull()
    expect(read(minimal).profile).toBeNull()
  })

  it('that does not exist is refused, naming those that do', () => {
    expect(() => choose('slow', ['fast', 'standard'])).toThrow(
      'Could not create task. profile parameter value caused an error. There is no such profile; there are fast, standard.',
    )
  })

  it.each(['../models', 'Fast', 'a b', 7, {}, 'x'.repeat(65)])('%j is not a valid name', profile => {
    expect(() => choose(profile)).toThrow('unexpected value')
  })
})

describe('any body', () => {
  const key = fc.oneof(fc.constantFrom(...PARAMETERS.map(p => p.name)), fc.constantFrom('anonymization-method', 'x'), fc.string())
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('blur', true, 'whole', 0.5, '0.5', '{}', '[]', { number: [1, 1] }, [{ topLeftX: 1 }], 1e308, '1e999'),
  )
  const likely = fc.dictionary(key, value).map(extra => JSON.stringify({ ...minimal, ...extra }))
  const body = fc.oneof(fc.string(), fc.json(), likely)

  it('is accepted or refused with a sentence of the catalogue', () => {
    fc.assert(
      fc.property(body, text => {
        expect(sentence(text)).toMatch(/^(accepted$|Could not create task\. )/)
      }),
      { numRuns: 2000 },
    )
  })

  it('that is accepted is accepted again in the form in which GET task echoes it', () => {
    fc.assert(
      fc.property(likely, text => {
        fc.pre(sentence(text) === 'accepted')
        const once = read(text)
        const echoed = Object.fromEntries(Object.entries(once).map(([k, v]) => [k, typeof v === 'number' ? String(v) : v]))
        expect(read(echoed)).toEqual(once)
      }),
      { numRuns: 300 },
    )
  })
})

it('an internal error is never reported as an error of the client', () => {
  const faulty = new Proxy(rules, {
    get: () => {
      throw new TypeError('rules is broken')
    },
  })
  expect(() => readCreateTask(JSON.stringify({ ...minimal, webhook: 'http://example.com' }), faulty)).toThrow(TypeError)
})
