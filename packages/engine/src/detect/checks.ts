/**
 * Composable checks for JSON documents. Each has a type, so that a checked document is typed, and a
 * JSON Schema, so that editors complete what is checked.
 */

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Returns the value with its type, or throws a {@link MismatchError}. `path` is its place. */
export interface Check<T> {
  (value: unknown, path: readonly string[]): T
  readonly schema: JsonSchema
  /** The field that it checks may be absent. */
  readonly optional?: boolean
}

/** The type that a check guarantees. */
export type Checked<C> = C extends Check<infer T> ? T : never

/** A value is invalid; `message` names its place, the expected and the actual value. */
export class MismatchError extends Error {
  constructor(path: readonly string[], expected: string, value: unknown) {
    const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120)
    super(`${path.join('.') || 'the whole file'}: expected ${expected}; found ${found}`)
  }
}

function checkWith<T>(schema: JsonSchema, run: (value: unknown, path: readonly string[]) => T): Check<T> {
  return Object.assign(run, { schema })
}

function ensure<T>(holds: (value: unknown) => value is T, expected: string, schema: JsonSchema): Check<T> {
  return checkWith({ description: expected, ...schema }, (value, path) => {
    if (!holds(value)) throw new MismatchError(path, expected, value)
    return value
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A string that matches; by default any non-empty one. */
export function text(expected: string, pattern = /./): Check<string> {
  return ensure((value): value is string => typeof value === 'string' && pattern.test(value), expected, {
    type: 'string',
    pattern: pattern.source,
  })
}

/** A finite number from `least` to `most`. */
export function number(expected: string, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Check<number> {
  return ensure(
    (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
    expected,
    { type: 'number', ...(least > -Infinity && { minimum: least }), ...(most < Infinity && { maximum: most }) },
  )
}

/** A whole number above 0, at most `most`. */
export function positive(expected: string, most = 1e9): Check<number> {
  return ensure(
    (value): value is number => Number.isInteger(value) && (value as number) > 0 && (value as number) <= most,
    `${expected}: a whole number above 0${most < 1e9 ? `, at most ${most}` : ''}`,
    { type: 'integer', minimum: 1, maximum: most },
  )
}

/** true or false. @param expected what true means */
export function flag(expected: string): Check<boolean> {
  return ensure((value): value is boolean => typeof value === 'boolean', `true or false: ${expected}`, { type: 'boolean' })
}

/** One of some words or numbers. */
export function oneOf<const T extends string | number>(options: readonly T[]): Check<T> {
  return ensure(
    (value): value is T => options.includes(value as T),
    options.length > 1 ? `one of ${options.join(', ')}` : JSON.stringify(options[0]),
    { enum: options },
  )
}

/** A list of at least `least` items, one by default. */
export function list<T>(item: Check<T>, expected: string, least = 1): Check<T[]> {
  return checkWith({ description: expected, type: 'array', items: item.schema, minItems: least }, (value, path) => {
    if (!Array.isArray(value) || value.length < least) throw new MismatchError(path, expected, value)
    return value.map((inner, i) => item(inner, [...path, String(i)]))
  })
}

interface Tuples {
  2: [number, number]
  3: [number, number, number]
  4: [number, number, number, number]
}

/** Exactly two, three or four numbers. */
export function numbers<N extends 2 | 3 | 4>(length: N, expected: string, item = number('a number')): Check<Tuples[N]> {
  const items = list(item, expected)
  return checkWith({ ...items.schema, minItems: length, maxItems: length }, (value, path) => {
    if (!Array.isArray(value) || value.length !== length) throw new MismatchError(path, expected, value)
    return items(value, path) as Tuples[N]
  })
}

/** An object whose keys all match. */
export function record<T>(key: RegExp, item: Check<T>, expected: string): Check<Record<string, T>> {
  const schema = {
    description: expected,
    type: 'object',
    minProperties: 1,
    patternProperties: { [key.source]: item.schema },
    additionalProperties: false,
  }
  return checkWith(schema, (value, path) => {
    if (!isObject(value) || Object.keys(value).length === 0) throw new MismatchError(path, expected, value)
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        if (!key.test(name)) throw new MismatchError([...path, name], expected, inner)
        return [name, item(inner, [...path, name])]
      }),
    )
  })
}

/** A field that may be absent. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  const run = (value: unknown, path: readonly string[]) => (value === undefined ? undefined : check(value, path))
  return Object.assign(run, { schema: check.schema, optional: true })
}

/** A value, or one of the words that stand for values. */
export function wordOr<T>(words: Readonly<Record<string, T>>, check: Check<T>): Check<T> {
  const names = Object.keys(words)
  const word = oneOf(names)
  return checkWith({ anyOf: [word.schema, check.schema] }, (value, path) =>
    typeof value === 'string' ? words[word(value, path)] : check(value, path),
  )
}

type Fields = Readonly<Record<string, Check<unknown>>>
type OptionalKey<F extends Fields> = { [K in keyof F]: undefined extends Checked<F[K]> ? K : never }[keyof F]
type Fielded<F extends Fields> = { [K in Exclude<keyof F, OptionalKey<F>>]: Checked<F[K]> } & {
  [K in OptionalKey<F>]?: Checked<F[K]>
}

/** An object with these fields and no others. */
export function object<F extends Fields>(fields: F): Check<Fielded<F>> {
  const names = Object.keys(fields)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(names.map(name => [name, fields[name].schema])),
    required: names.filter(name => !fields[name].optional),
    additionalProperties: false,
  }
  return checkWith(schema, (value, path) => {
    if (!isObject(value)) throw new MismatchError(path, `an object with ${names.join(', ')}`, value)
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) throw new MismatchError([...path, name], `only the fields ${names.join(', ')}`, value[name])
    }
    const checked = names.map(name => [name, fields[name](value[name], [...path, name])])
    return Object.fromEntries(checked.filter(([, inner]) => inner !== undefined)) as Fielded<F>
  })
}

/** The first form that matches. */
export function either<A, B>(first: Check<A>, second: Check<B>, expected: string): Check<A | B> {
  return checkWith({ description: expected, anyOf: [first.schema, second.schema] }, (value, path) => {
    for (const check of [first, second]) {
      try {
        return check(value, path)
      } catch (error) {
        if (!(error instanceof MismatchError)) throw error
      }
    }
    throw new MismatchError(path, expected, value)
  })
}
