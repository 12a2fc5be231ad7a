/** Environment variables that look like settings and have no effect. */
import { VARIABLES } from './variables.js'

/** Settings that have another name since an earlier version. */
export const RENAMED: Readonly<Record<string, keyof typeof VARIABLES>> = {
  ENGINE_CHILDREN: 'ENGINE_PROCESSES',
}

const KNOWN = Object.entries<{ secret?: boolean }>(VARIABLES).flatMap(([name, { secret }]) =>
  secret ? [name, `${name}_FILE`] : [name],
)

/** Of shorter names any word would be a misspelling: HOST is not HOME. */
const MIN_LENGTH = 9
const MAX_WRONG_LETTERS = 2

/**
 * A sentence for each variable that is set under the former name of a setting, a misspelt one, or
 * one without its last part (ENGINE_MAX_MEMORY). Others belong to somebody else.
 */
export function unknownSettings(environment: Record<string, string | undefined> = process.env): string[] {
  return Object.keys(environment).flatMap(name => {
    if (!environment[name]?.trim() || KNOWN.includes(name)) return []
    if (Object.hasOwn(RENAMED, name)) return [`${name} has no effect: the setting is named ${RENAMED[name]} now.`]
    const meant = KNOWN.find(known => isMeant(name, known))
    return meant ? [`${name} is not a setting and has no effect; there is ${meant}.`] : []
  })
}

function isMeant(name: string, known: string): boolean {
  if (name.length < MIN_LENGTH || known.length < MIN_LENGTH) return false
  return (name.includes('_') && known.startsWith(`${name}_`)) || wrongLetters(name, known) <= MAX_WRONG_LETTERS
}

/** Letters to be changed, added or removed to make one word of another (Levenshtein). */
function wrongLetters(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) next.push(Math.min(next[j] + 1, row[j + 1] + 1, row[j] + Number(letter !== other)))
    row = next
  }
  return row[b.length]
}
