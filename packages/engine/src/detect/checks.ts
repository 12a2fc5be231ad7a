/** Composable checks for JSON documents. Each has a type, so that a checked document is typed. */

/**
 * Returns the value with its type, or throws a {@link MismatchError}. `path` is the place of the
 * value.
 */
export type Check<T> = (value: unknown, path: readonly string[]) => T

/** The type that a check guarantees. */
export type Checked<C> = C extends Check<infer T> ? T : never

/** A value is invalid; `message` names its place, the expected and the actual value. */
export class MismatchError extends Error {
  constructor(path: readonly string[], expected: string, value: unknown) {
    const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120)
    super(`${path.join('.') || 'the whole file'}: expected ${expected}; found ${found}`)
  }
}

function ensure<T>(holds: (value: unknown) => value is T, expected: string): Check<T> {
  return (value, path) => {
    if (!holds(value)) throw new MismatchError(path, expected, value)
    return value
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A string that matches; by default any non-empty one. */
export function text(expected: string, pattern = /./): Check<string> {
  return ensure((value): value is string => typeof value === 'string' && pattern.test(value), expected)
}

/** A finite number from `least` to `most`. */
export function number(expected: string, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Check<number> {
  return ensure(
    (value): value is number => typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
    expected,
  )
}

/** A whole number above 0. */
export function positive(expected: string): Check<number> {
  return ensure(
    (value): value is number => Number.isInteger(value) && (value as number) > 0,
    `${expected}: a whole number above 0`,
  )
}

export function flag(expected: string): Check<boolean> {
  return ensure((value): value is boolean => typeof value === 'boolean', `true or false: ${expected}`)
}

export function oneOf<const T extends string>(options: readonly T[]): Check<T> {
  return ensure(
    (value): value is T => options.includes(value as T),
    options.length > 1 ? `one of ${options.join(', ')}` : `"${options[0]}"`,
  )
}

/** A list of at least one item. */
export function list<T>(item: Check<T>, expected: string): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length === 0) throw new MismatchError(path, expected, value)
    return value.map((inner, i) => item(inner, [...path, String(i)]))
  }
}

/** Exactly two, three or four numbers. */
export function numbers<N extends 2 | 3 | 4>(length: N, expected: string, item = number('a number')) {
  return (value: unknown, path: readonly string[]) => {
    if (!Array.isArray(value) || value.length !== length) throw new MismatchError(path, expected, value)
    return list(item, expected)(value, path) as {
      2: [number, number]
      3: [number, number, number]
      4: [number, number, number, number]
    }[N]
  }
}

/** An object whose keys all match. */
export function record<T>(key: RegExp, item: Check<T>, expected: string): Check<Record<string, T>> {
  return (value, path) => {
    if (!isObject(value) || Object.keys(value).length === 0) throw new MismatchError(path, expected, value)
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => {
        if (!key.test(name)) throw new MismatchError([...path, name], expected, inner)
        return [name, item(inner, [...path, name])]
      }),
    )
  }
}

/** A field that may be absent. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, path) => (value === undefined ? undefined : check(value, path))
}

type Fields = Readonly<Record<string, Check<unknown>>>
type OptionalKey<F extends Fields> = { [K in keyof F]: undefined extends Checked<F[K]> ? K : never }[keyof F]
type Fielded<F extends Fields> = { [K in Exclude<keyof F, OptionalKey<F>>]: Checked<F[K]> } & {
  [K in OptionalKey<F>]?: Checked<F[K]>
}

/** An object with these fields and no others. */
export function object<F extends Fields>(fields: F): Check<Fielded<F>> {
  const names = Object.keys(fields)
  return (value, path) => {
    if (!isObject(value)) throw new MismatchError(path, `an object with ${names.join(', ')}`, value)
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) throw new MismatchError([...path, name], `only the fields ${names.join(', ')}`, value[name])
    }
    const checked = names.map(name => [name, fields[name](value[name], [...path, name])])
    return Object.fromEntries(checked.filter(([, inner]) => inner !== undefined)) as Fielded<F>
  }
}

/** The first form that matches. */
export function either<A, B>(first: Check<A>, second: Check<B>, expected: string): Check<A | B> {
  return (value, path) => {
    for (const check of [first, second]) {
      try {
        return check(value, path)
      } catch (error) {
        if (!(error instanceof MismatchError)) throw error
      }
    }
    throw new MismatchError(path, expected, value)
  }
}
