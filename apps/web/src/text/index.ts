/** The texts in the user's language. */
import { computed, signal } from '@preact/signals'
import { de } from './de.js'
import { en, type Texts } from './en.js'

export const LANGUAGES: Readonly<Record<string, Texts>> = { en, de }

const STORED = 'obscura.language'

export const language = signal(initial())
/** `text.value` holds all texts; components that read it follow the language. */
export const text = computed(() => LANGUAGES[language.value])

language.subscribe(value => {
  document.documentElement.lang = value
  try {
    localStorage.setItem(STORED, value)
  } catch {
    // Private windows may forbid it.
  }
})

function initial(): string {
  let stored: string | null = null
  try {
    stored = localStorage.getItem(STORED)
  } catch {
    // Private windows may forbid it.
  }
  return [stored, ...navigator.languages.map(tag => tag.slice(0, 2))].find(tag => tag && tag in LANGUAGES) ?? 'en'
}

/** Seconds as "3 min", "40 s" or "0.4 s". */
export function duration(seconds: number): string {
  const unit = seconds >= 5400 ? 'hour' : seconds >= 90 ? 'minute' : 'second'
  const value = seconds / { hour: 3600, minute: 60, second: 1 }[unit]
  const maximumFractionDigits = value < 10 && unit === 'second' ? 1 : 0
  return new Intl.NumberFormat(language.value, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(value)
}

/** Decimal numbers within a text, such as "89 / 87" or "0.21", in the form of the language. */
export function localNumbers(texts: string): string {
  return texts.replace(/\d+(?:\.(\d+))?/g, (number, decimals = '') =>
    new Intl.NumberFormat(language.value, { minimumFractionDigits: decimals.length }).format(Number(number)),
  )
}

/** A number as "12,345". */
export function count(value: number): string {
  return new Intl.NumberFormat(language.value).format(value)
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']

/** Bytes as "3.4 MB". */
export function bytes(value: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)))
  return new Intl.NumberFormat(language.value, {
    style: 'unit',
    unit: SIZES[power],
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  }).format(value / 1000 ** power)
}

/** A day of UTC as "2026-11-29", in the form of the language. */
export function localDay(day: string): string {
  return new Date(`${day}T00:00Z`).toLocaleDateString(language.value, { dateStyle: 'medium', timeZone: 'UTC' })
}

/** A time of the API (UTC without a zone) in the user's zone. */
export function localTime(utc: string): string {
  const date = new Date(/Z|[+-]\d\d:\d\d$/.test(utc) ? utc : `${utc.replace(' ', 'T')}Z`)
  return date.toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'short' })
}
