import { PANORAMA_PRESETS } from './format.js'

/** The four classes of objects, in the order in which tables and masks list them. */
export const CLASSES = ['face', 'person', 'license_plate', 'vehicle'] as const
export type ObjectClass = (typeof CLASSES)[number]

/** `detect` leaves the pixels as they are and gives back masks and detections only. */
export const METHODS = ['blur', 'pixelate', 'blacken', 'detect'] as const
export type Method = (typeof METHODS)[number]

/** The profiles that every installation has; operators can add more. */
export const PROFILE_NAMES = ['fast', 'standard', 'thorough'] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

/** A parameter in plain JSON Schema: what validation, OpenAPI and tables read of it. */
export interface ParameterSchema {
  type: 'boolean' | 'number' | 'string' | readonly ['string', 'null']
  /** Absent for the one parameter that is required. */
  default?: boolean | number | string | null
  /** The allowed words, where they are few. */
  enum?: readonly string[]
  maxLength?: number
  minimum?: number
  maximum?: number
  /** The value must stay below this. */
  exclusiveMaximum?: number
  description: string
  /** Not a parameter of API v2 but of Obscura: responses have it only where a client has set it. */
  addition?: true
}

const flag = (description: string) => ({ type: 'boolean', default: false, description }) as const
const number = <Range extends Omit<ParameterSchema, 'type'>>(schema: Range) => ({ type: 'number', ...schema }) as const
const word = <const Words extends readonly string[], Rest>(words: Words, rest: Rest) =>
  ({ type: 'string', enum: words, ...rest }) as const
const fraction = (value: number, description: string) => number({ minimum: 0, maximum: 1, default: value, description })
// The maxima below are not documented: far beyond any use, they keep values such as 1e300 out of
// the arithmetic.
const kernel = (value: number, what: string) =>
  number({
    minimum: 0,
    maximum: 10_000,
    default: value,
    description: `Kernel size for ${what}: up to 1, a fraction of the longer side of the box; above 1, pixels. Larger values blur more.`,
  })
const gradientStart = (what: string) =>
  number({
    minimum: 0,
    maximum: 10,
    default: 0.3,
    description: `The blur of ${what} starts at a box (1 + start) times the size of the detection.`,
  })
const gradientStop = (what: string) =>
  number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: `The blur of ${what} is full inside a box (1 - stop) times the size of the detection.`,
  })
const nullableText = (maxLength: number, description: string) =>
  ({ type: ['string', 'null'], maxLength, default: null, description }) as const

/**
 * The parameters of a task: the single definition for validation, defaults, OpenAPI, the flags of
 * the command line and the echo in responses. Keys are in the order of the documented response.
 * `format`, `ignores` and `areas` are stored as text, as they are echoed.
 */
export const TASK_PARAMETERS = {
  name: nullableText(1000, 'A name of your choice for the task; returned unchanged.'),
  debug: flag('Draw boxes and masks of the detected objects on the image.'),
  score: flag('Draw the detection scores; requires debug.'),
  anonymization_method: word(METHODS, {
    description:
      'How to anonymize. `detect` (an addition of Obscura) leaves the image unchanged and creates only masks and metadata.',
  }),
  face: flag('Detect and anonymize faces.'),
  license_plate: flag('Detect and anonymize license plates.'),
  person: flag('Detect and anonymize persons.'),
  vehicle: flag('Detect and anonymize vehicles.'),
  format: {
    type: 'string',
    default: 'whole',
    description: `\`whole\`, a panorama preset (${Object.keys(PANORAMA_PRESETS).join(', ')}; the image must have that width and half that height, 5640x2816 for pano:5640), or a grid of tiles as JSON: {"number": [across, down], "overlap": [fraction, fraction]}.`,
  },
  bbox: flag("Anonymize the detections' boxes instead of their outlines."),
  ignores: {
    type: 'string',
    default: '',
    description:
      'Areas in which nothing is anonymized, as JSON in pixels: [{"topLeftX": 182, "topLeftY": 154, "width": 2000, "height": 2000}].',
  },
  areas: {
    type: 'string',
    default: '',
    description:
      'Areas that are always anonymized, as JSON: [{"box": [0, 80, 100, 100], "unit": "percent"}, {"polygon": [[0, 0], [90, 0], [0, 60]]}, {"nadir": 20}]. Coordinates are pixels or percent; nadir and zenith are degrees around the poles of a panorama; each may have a method of its own, at the poles also `logo`. An addition of Obscura.',
  },
  mask_scale: number({
    minimum: 0,
    maximum: 100,
    default: 100,
    description: 'Size of the masks as a percentage of the image size.',
  }),
  quality: number({ minimum: 0, maximum: 100, default: 90, description: 'JPEG quality.' }),
  compress_level: number({ minimum: 0, maximum: 9, default: 5, description: 'PNG compression level.' }),
  kernel_size_face: kernel(0.35, 'faces'),
  kernel_size_person: kernel(91, 'persons'),
  kernel_size_license_plate: kernel(0.5, 'license plates'),
  kernel_size_vehicle: kernel(61, 'vehicles'),
  face_anonymization_gradient_start: gradientStart('faces'),
  face_anonymization_gradient_stop: gradientStop('faces'),
  license_plate_anonymization_gradient_start: gradientStart('license plates'),
  license_plate_anonymization_gradient_stop: gradientStop('license plates'),
  webhook: nullableText(2000, 'An https URL that receives a POST request when the task is done.'),
  start_on: word(['upload', 'start_request'], {
    default: 'upload',
    description: 'Start processing when the file is uploaded, or when POST /v2/task/{id}/start is called.',
  }),
  review: flag('Hold back the results and the webhook until POST /v2/task/{id}/approve is called. An addition of Obscura.'),
  binary_segmentation_mask: flag('Create a mask of all anonymized pixels (PNG, white on black).'),
  instance_segmentation_mask: flag('Create a mask that distinguishes classes and instances (PNG).'),
  face_threshold: fraction(0.5, 'Minimum score of a face.'),
  vehicle_threshold: fraction(0.4, 'Minimum score of a vehicle.'),
  person_threshold: fraction(0.4, 'Minimum score of a person.'),
  license_plate_threshold: fraction(0.5, 'Minimum score of a license plate.'),
  profile: {
    ...nullableText(
      64,
      `How thoroughly the image is searched (an addition of Obscura): ${PROFILE_NAMES.join(', ')}, or a profile of the operator. Unset: the operator's choice.`,
    ),
    addition: true,
  },
} as const satisfies Record<string, ParameterSchema>
export type ParameterName = keyof typeof TASK_PARAMETERS

type Value<Schema extends ParameterSchema> = Schema extends { enum: readonly (infer Word)[] }
  ? Word
  : Schema['type'] extends 'boolean'
    ? boolean
    : Schema['type'] extends 'number'
      ? number
      : Schema['type'] extends 'string'
        ? string
        : string | null

/** The values of all parameters of a task. */
export type TaskParameters = { -readonly [Name in ParameterName]: Value<(typeof TASK_PARAMETERS)[Name]> }

/**
 * The body of POST /v2/task: every parameter except the method is optional; hyphens and underscores
 * in keys are equivalent.
 */
export const CreateTaskBody = {
  type: 'object',
  properties: {
    ...TASK_PARAMETERS,
    mime_type: { type: 'string', description: 'Accepted for compatibility and ignored: the type is read from the file.' },
  },
  required: ['anonymization_method'],
  additionalProperties: false,
} as const

/** A parameter, for tables, flags and documentation. */
export interface ParameterInfo {
  /** With underscores, as in responses. */
  name: ParameterName
  type: 'boolean' | 'number' | 'string'
  /** Absent for the one parameter that is required. */
  default?: boolean | number | string | null
  /** The allowed values of an enumeration. */
  values?: readonly string[]
  minimum?: number
  maximum?: number
  /** The value must stay below this. */
  exclusiveMaximum?: number
  description: string
}

/** {@link TASK_PARAMETERS} by name. */
export const PARAMETER_SCHEMAS: ReadonlyMap<ParameterName, ParameterSchema> = new Map(
  Object.entries(TASK_PARAMETERS) as [ParameterName, ParameterSchema][],
)

/** Every parameter in the order of the documented response. */
export const PARAMETERS: readonly ParameterInfo[] = [...PARAMETER_SCHEMAS].map(([name, schema]) => {
  const { type, enum: values, default: value, minimum, maximum, exclusiveMaximum, description } = schema
  const plainType = typeof type === 'string' ? type : 'string'
  return { name, type: plainType, default: value, values, minimum, maximum, exclusiveMaximum, description }
})
