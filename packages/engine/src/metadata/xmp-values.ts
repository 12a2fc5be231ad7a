/** The forms that values of XMP properties may have, and the text in which each is written. */

/**
 * No value has room for an image: this many characters in a list of numbers, and that many in any
 * other, arrays as a whole.
 */
const MAX_LIST_LENGTH = 512
const MAX_LENGTH = 128
/** Room for the pairs of exponents of a vignetting polynomial with 36 coefficients. */
const MAX_NUMBERS = 72
/** A double needs no more digits; longer numbers are rounded to one. */
const MAX_NUMBER_LENGTH = 24

/**
 * Returns the text to write for a value (trimmed, single spaces), or undefined when the value does
 * not have the form.
 */
type Form = (value: string) => string | undefined

const matching =
  (pattern: RegExp): Form =>
  value =>
    pattern.test(value) ? value : undefined

const coordinate = matching(/^\d{1,3},\d{1,2}(\.\d{1,20}|,\d{1,2}(\.\d{1,20})?)?[NSEW]$/)

export const VALUE_FORMS = {
  number,
  numbers,
  boolean: matching(/^(true|false|0|1)$/i),
  date: matching(/^[\d:.TZ+ -]{4,40}$/),
  coordinate: value => coordinate(value) ?? number(value),
  name: matching(/^[\p{L}\p{N} .,:()[\]/+&*#'®™_-]{1,64}$/u),
  word,
  calibration,
  capture: matching(/^[0-9A-Za-z-]{8,36}$/),
} satisfies Record<string, Form>

export type ValueForm = keyof typeof VALUE_FORMS

const LISTS: readonly ValueForm[] = ['numbers', 'calibration']

/**
 * The texts to write for a property's value, or for those of its array: none where all are empty,
 * undefined where one has another form or they are too long.
 */
export function usableValues(form: ValueForm, values: readonly string[]): string[] | undefined {
  const trimmed = values.map(value => value.replace(/\s+/g, ' ').trim())
  const length = trimmed.join('').length
  if (length === 0) return []
  if (length > (LISTS.includes(form) ? MAX_LIST_LENGTH : MAX_LENGTH)) return undefined
  const written = trimmed.map(VALUE_FORMS[form])
  return written.includes(undefined) ? undefined : (written as string[])
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/**
 * A finite number or a fraction of two. Short ones keep their digits, and their plus sign, by which
 * some programs tell the hemisphere.
 */
function number(value: string): string | undefined {
  const parts = value.split('/', 3).map(finite)
  if (parts.length > 2 || parts.includes(undefined)) return undefined
  const written = parts.join('/')
  return Number.isFinite(toNumber(written)) ? written : undefined
}

function finite(text: string): string | undefined {
  if (!NUMBER.test(text) || !Number.isFinite(Number(text))) return undefined
  return text.length <= MAX_NUMBER_LENGTH ? text : `${text.startsWith('+') ? '+' : ''}${Number(text)}`
}

/** The value of a number that was kept; NaN of anything else. */
export function toNumber(value: string): number {
  const [numerator, denominator = '1'] = value.split('/')
  return Number(numerator) / Number(denominator)
}

/** Numbers with commas, semicolons or spaces between them. */
function numbers(value: string): string | undefined {
  const parts = value.split(/([,; ]+)/)
  const written = parts.map((part, i) => (i % 2 === 0 ? number(part) : part))
  return parts.length < 2 * MAX_NUMBERS && !written.includes(undefined) ? written.join('') : undefined
}

/** One of a few words that a maker has for something. Serial numbers have more digits in a row. */
function word(value: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9 _.+-]{0,31}$/.test(value) && !/\d{5}/.test(value) ? value : undefined
}

/** Numbers after the date that a lens was measured on: "2024-05-01;3712.5,3710.2,...". */
function calibration(value: string): string | undefined {
  const [date] = /^\d{4}-\d{1,2}-\d{1,2};/.exec(value) ?? ['']
  const written = numbers(value.slice(date.length))
  return written === undefined ? undefined : date + written
}
