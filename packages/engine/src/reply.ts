import { CLASSES, RegionsError, readRegions } from '@obscura/contract/parameters'
import type { Output } from './engine.js'
import { EngineError } from './errors.js'
import type { Reply } from './protocol.js'

const CODES = ['IMAGE_DEFECT', 'CONTENT_TYPE_ERROR', 'PARAMETER_ERROR_FORMAT', 'INTERNAL_ERROR']
const FORMATS = ['jpeg', 'png']
const LIMITS = ['pixels', 'time', 'memory']

type Fields = Record<string, unknown>
type Check = (value: unknown) => boolean

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
/**
 * More than any child says: texts go into the log and the database, and to walk through a list that
 * claims four thousand million entries would stop the parent.
 */
const MAX_TEXT = 8192
const MAX_ENTRIES = 100_000

const isText: Check = value => typeof value === 'string' && value.length <= MAX_TEXT
const isTextOrNothing: Check = value => value === undefined || isText(value)
const isNumber: Check = value => Number.isFinite(value)
/** The API reads previews into memory, many at a time. */
const MAX_PREVIEW_BYTES = 1_000_000

const isFile: Check = value => value === undefined || value instanceof Uint8Array
const isPreview: Check = value => isFile(value) && ((value as Uint8Array | undefined)?.length ?? 0) <= MAX_PREVIEW_BYTES
const isSide: Check = value => Number.isSafeInteger(value) && (value as number) > 0
const isOneOf =
  (words: readonly string[]): Check =>
  value =>
    words.includes(value as string)
const isListOf =
  (check: Check, length?: number): Check =>
  value =>
    Array.isArray(value) && (length ?? value.length) === value.length && value.length <= MAX_ENTRIES && value.every(check)
const has =
  (checks: Record<string, Check>): Check =>
  value =>
    isFields(value) && Object.entries(checks).every(([name, check]) => check(value[name]))

/** Workers and the API read the regions again for corrections. */
const areRegions = ({ regions, width, height }: Output): boolean => {
  try {
    return regions === undefined || readRegions(regions, { width, height }).length >= 0
  } catch (error) {
    if (error instanceof RegionsError) return false
    throw error
  }
}

const isOutput = has({
  format: isOneOf(FORMATS),
  width: isSide,
  height: isSide,
  image: isFile,
  preview: isPreview,
  binaryMask: isFile,
  instanceMask: isFile,
  regions: isFile,
  detections: isListOf(
    has({
      id: value => value === undefined || Number.isSafeInteger(value),
      class: isOneOf(CLASSES),
      score: isNumber,
      box: isListOf(isNumber, 4),
      anonymised: value => typeof value === 'boolean',
    }),
  ),
  models: isListOf(has({ name: isText, sha256: isText, precision: isOneOf(['float', 'int8']) })),
  reencodeReason: isTextOrNothing,
  warnings: isListOf(isText),
  timings: value => isFields(value) && Object.values(value).every(isNumber),
})
const isError = has({
  code: isOneOf(CODES),
  message: isText,
  limit: value => value === undefined || isOneOf(LIMITS)(value),
})

/**
 * Validates the reply of a child. The child has read an untrusted file: if it was compromised, its
 * reply must not do harm when it is used as a file name, a size or a class.
 * @throws EngineError INTERNAL_ERROR
 */
export function checkedReply(reply: unknown): Reply {
  if (reply === 'spent') return reply
  if (
    isFields(reply) &&
    ('output' in reply ? isOutput(reply.output) && areRegions(reply.output as Output) : isError(reply.error))
  )
    return reply as { output: Output } | Exclude<Reply, 'spent'>
  throw new EngineError('INTERNAL_ERROR', 'The image could not be processed: its engine process sent an invalid reply.', {
    childEnd: 'crash',
  })
}
