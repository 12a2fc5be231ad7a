import Type, { type Static } from 'typebox'

/** The four classes of objects, in the order in which tables list them. */
export const CLASSES = ['face', 'person', 'license_plate', 'vehicle'] as const
export type ObjectClass = (typeof CLASSES)[number]

/** Panorama presets and the image sizes (width, height in px) they are meant for. */
export const PANORAMA_PRESETS: Readonly<Record<string, readonly [width: number, height: number]>> = {
  'pano:4096': [4096, 2048],
  'pano:5400': [5400, 2700],
  'pano:5640': [5640, 2816],
  'pano:7060': [7060, 3530],
  'pano:7680': [7680, 3840],
  'pano:8000': [8000, 4000],
  'pano:8192': [8192, 4096],
  'pano:11000': [11000, 5500],
}

const flag = (description: string) => Type.Boolean({ default: false, description })
const share = (value: number, description: string) => Type.Number({ minimum: 0, maximum: 1, default: value, description })
// The maxima below are not documented: far beyond any use, they keep values such as 1e300 out of
// the arithmetic.
const kernel = (value: number, what: string) =>
  Type.Number({
    minimum: 0,
    maximum: 10_000,
    default: value,
    description: `Kernel size for ${what}: up to 1, a fraction of the longer side of the box; above 1, pixels. Larger values blur more.`,
  })
const gradientStart = (what: string) =>
  Type.Number({
    minimum: 0,
    maximum: 10,
    default: 0.3,
    description: `The blur of ${what} starts at a box (1 + start) times the size of the detection.`,
  })
const gradientStop = (what: string) =>
  Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: `The blur of ${what} is full inside a box (1 - stop) times the size of the detection.`,
  })
const nullableText = (maxLength: number, description: string) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength, default: null, description })

/**
 * The parameters of a task: the single definition for validation, defaults, OpenAPI, the flags of
 * the command line and the echo in answers. Keys are in the order of the documented answer.
 * `format` and `ignores` are stored as text, as they are echoed.
 */
export const TaskParameters = Type.Object({
  name: nullableText(1000, 'A name of your choice for the task; returned unchanged.'),
  debug: flag('Draw boxes and masks of the detected objects on the image.'),
  score: flag('Draw the detection scores; requires debug.'),
  anonymization_method: Type.Enum(['blur', 'pixelate', 'blacken', 'detect'], {
    type: 'string',
    description:
      'How to anonymize. `detect` (an addition of Obscura) leaves the image unchanged and creates only masks and metadata.',
  }),
  face: flag('Detect and anonymize faces.'),
  license_plate: flag('Detect and anonymize license plates.'),
  person: flag('Detect and anonymize persons.'),
  vehicle: flag('Detect and anonymize vehicles.'),
  format: Type.String({
    default: 'whole',
    description: `\`whole\`, a panorama preset (${Object.keys(PANORAMA_PRESETS).join(', ')}; the image must have that width and half that height, 5640x2816 for pano:5640), or a grid of tiles as JSON: {"number": [across, down], "overlap": [fraction, fraction]}.`,
  }),
  bbox: flag("Anonymize the detections' boxes instead of their outlines."),
  ignores: Type.String({
    default: '',
    description:
      'Areas in which nothing is anonymized, as JSON in pixels: [{"topLeftX": 182, "topLeftY": 154, "width": 2000, "height": 2000}].',
  }),
  mask_scale: Type.Number({
    minimum: 0,
    maximum: 100,
    default: 100,
    description: 'Size of the masks as a percentage of the image size.',
  }),
  quality: Type.Number({ minimum: 0, maximum: 100, default: 90, description: 'JPEG quality.' }),
  compress_level: Type.Number({ minimum: 0, maximum: 9, default: 5, description: 'PNG compression level.' }),
  kernel_size_face: kernel(0.35, 'faces'),
  kernel_size_person: kernel(91, 'persons'),
  kernel_size_license_plate: kernel(0.5, 'license plates'),
  kernel_size_vehicle: kernel(61, 'vehicles'),
  face_anonymization_gradient_start: gradientStart('faces'),
  face_anonymization_gradient_stop: gradientStop('faces'),
  license_plate_anonymization_gradient_start: gradientStart('license plates'),
  license_plate_anonymization_gradient_stop: gradientStop('license plates'),
  webhook: nullableText(2000, 'An https URL that receives a POST request when the task is done.'),
  start_on: Type.Enum(['upload', 'start_request'], {
    type: 'string',
    default: 'upload',
    description: 'Start processing when the file is uploaded, or when POST /v2/task/{id}/start is called.',
  }),
  binary_segmentation_mask: flag('Create a mask of all anonymized pixels (PNG, white on black).'),
  instance_segmentation_mask: flag('Create a mask that distinguishes classes and instances (PNG).'),
  face_threshold: share(0.5, 'Minimum score of a face.'),
  vehicle_threshold: share(0.4, 'Minimum score of a vehicle.'),
  person_threshold: share(0.4, 'Minimum score of a person.'),
  license_plate_threshold: share(0.5, 'Minimum score of a license plate.'),
})
export type TaskParameters = Static<typeof TaskParameters>
export type ParameterName = keyof TaskParameters

/**
 * The body of POST /v2/task: every parameter except the method is optional; hyphens and underscores
 * in keys are equivalent.
 */
export const CreateTaskBody = Type.Object(
  {
    ...Type.Partial(TaskParameters).properties,
    anonymization_method: TaskParameters.properties.anonymization_method,
    mime_type: Type.Optional(
      Type.String({ description: 'Accepted for compatibility and ignored: the type is read from the file.' }),
    ),
  },
  { additionalProperties: false },
)

/** A parameter, for tables, flags and documentation. */
export interface ParameterInfo {
  /** With underscores, as in answers. */
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

/**
 * The JSON Schema keywords that validation uses from a property of {@link TaskParameters}: plain
 * JSON Schema.
 */
export interface ParameterSchema {
  type: 'boolean' | 'number' | 'string' | readonly ['string', 'null']
  default?: boolean | number | string | null
  enum?: readonly string[]
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMaximum?: number
  description: string
}

/** The properties of {@link TaskParameters} by name. */
export const PARAMETER_SCHEMAS = new Map(
  Object.entries(TaskParameters.properties as unknown as Record<ParameterName, ParameterSchema>) as [
    ParameterName,
    ParameterSchema,
  ][],
)

/** Every parameter in the order of the documented answer. */
export const PARAMETERS: readonly ParameterInfo[] = [...PARAMETER_SCHEMAS].map(([name, schema]) => {
  const { type, enum: values, default: value, minimum, maximum, exclusiveMaximum, description } = schema
  const plainType = typeof type === 'string' ? type : 'string'
  return { name, type: plainType, default: value, values, minimum, maximum, exclusiveMaximum, description }
})
