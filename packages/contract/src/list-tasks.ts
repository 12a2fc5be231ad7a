import { ContractError } from './errors.js'
import { LISTED_STATUSES } from './status.js'

export const LIST_LIMIT = { minimum: 10, maximum: 300, default: 10 } as const

/** The query of GET /v2/task/list. */
export interface ListQuery {
  /** Clamped to {@link LIST_LIMIT}. */
  limit: number
  /** The ID after which the page starts. */
  after?: number
  /** Start of the first day, inclusive. */
  createdFrom?: Date
  /** Start of the day after the last, exclusive. */
  createdBefore?: Date
  status?: (typeof LISTED_STATUSES)[number]
  /** An addition: pages go from the newest task to the oldest. */
  newestFirst: boolean
}

type Query = Readonly<Record<string, unknown>>

/**
 * Reads the query of GET /v2/task/list. For duplicate parameters the last one counts; unknown ones
 * are ignored.
 * @throws ContractError with the documented sentence
 */
export function readListQuery(query: Query): ListQuery {
  const days = readDays(query)
  if (!days.createdFrom && !days.createdBefore) throw new ContractError('datesMissing')
  return {
    ...days,
    limit: readLimit(last(query.limit)),
    after: readPageKey(last(query.next_page_key)),
    status: readStatus(last(query.task_status)),
    newestFirst: last(query.order) === 'newest',
  }
}

/**
 * Reads the days of a query, each of which is optional.
 * @throws ContractError dateFormat or datesReversed
 */
export function readDays(query: Query): Pick<ListQuery, 'createdFrom' | 'createdBefore'> {
  const createdFrom = readDate('create_time_after', last(query.create_time_after))
  const createdBefore = readDate('create_time_before', last(query.create_time_before))
  if (createdFrom && createdBefore && createdFrom >= createdBefore) throw new ContractError('datesReversed')
  return { createdFrom, createdBefore }
}

function last(value: unknown): string | undefined {
  return Array.isArray(value) ? value.at(-1) : (value as string | undefined)
}

function readDate(parameter: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = new Date(`${text}T00:00:00Z`)
  // Formatting it again detects a 30th of February, which Date turns into the 1st or 2nd of March.
  const real = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  if (!real) throw new ContractError('dateFormat', { parameter })
  return date
}

function readPageKey(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw new ContractError('pageKeyFormat')
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER)
}

function readStatus(text: string | undefined): ListQuery['status'] {
  if (!text) return undefined
  const status = LISTED_STATUSES.find(listed => listed === text)
  if (!status) throw new ContractError('statusUnknown')
  return status
}

function readLimit(text: string | undefined): number {
  const limit = Number.parseInt(text ?? '', 10)
  if (Number.isNaN(limit)) return LIST_LIMIT.default
  return Math.min(Math.max(limit, LIST_LIMIT.minimum), LIST_LIMIT.maximum)
}
