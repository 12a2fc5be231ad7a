/** Types of environment variables: how to parse the text, and what to expect in error messages. */

/** A setting: an environment variable. */
export interface Variable<T> {
  description: string
  /** undefined: unset. */
  default: T
  /** Completes "NAME must be ...". */
  expects: string
  /** @returns undefined when the text is invalid */
  read(text: string): T | undefined
  /** Never shown, and can be read from a file: see readConfig. */
  secret?: boolean
}

/** A whole number in a range, both ends included. */
export function integer(value: number, minimum: number, maximum: number, description: string): Variable<number> {
  return {
    description,
    default: value,
    expects: `a whole number from ${minimum} to ${maximum}`,
    read: text => (/^\d{1,15}$/.test(text) && Number(text) >= minimum && Number(text) <= maximum ? Number(text) : undefined),
  }
}

/** A whole number in a range, unset by default. */
export function optionalInteger(minimum: number, maximum: number, description: string): Variable<number | undefined> {
  return { ...integer(0, minimum, maximum, description), default: undefined }
}

const FLAGS: Record<string, boolean> = { '1': true, true: true, '0': false, false: false }

/** On or off. */
export function flag(value: boolean, description: string): Variable<boolean> {
  return { description, default: value, expects: '1 or 0', read: text => FLAGS[text.toLowerCase()] }
}

/** One of a list of words. */
export function choice<const T extends string>(value: T, values: readonly T[], description: string): Variable<T> {
  return { description, default: value, expects: `one of ${values.join(', ')}`, read: text => values.find(word => word === text) }
}

/** A name of lower-case letters, digits and hyphens, like those of models and profiles. */
export function name(value: string, description: string): Variable<string> {
  return {
    description,
    default: value,
    expects: 'lower-case letters, digits and hyphens',
    read: text => (/^[a-z0-9][a-z0-9-]{0,63}$/.test(text) ? text : undefined),
  }
}

/** Any text. */
export function text(value: string, description: string): Variable<string> {
  return { description, default: value, expects: 'text', read: text => text }
}

/** Any text, unset by default. */
export function optional(description: string): Variable<string | undefined> {
  return { description, default: undefined, expects: 'text', read: text => text }
}

/** Any text, unset by default, never shown. */
export function secret(description: string): Variable<string | undefined> {
  return { ...optional(description), secret: true }
}

/**
 * An absolute URL with one of the given schemes, unset by default; returned without a trailing
 * slash.
 */
export function url(schemes: readonly string[], description: string): Variable<string | undefined> {
  return {
    description,
    default: undefined,
    expects: `a URL that starts with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
    read: text => {
      const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : undefined
      return scheme !== undefined && schemes.includes(scheme) ? text.replace(/(?<!\/)\/+$/, '') : undefined
    },
  }
}
