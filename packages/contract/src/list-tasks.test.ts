import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ContractError } from './errors.js'
import { readListQuery } from './list-tasks.js'

const day = { create_time_after: '2023-07-12' }

function sentence(query: Record<string, unknown>): string {
  try {
    readListQuery(query)
  } catch (error) {
    expect(error).toBeInstanceOf(ContractError)
    return (error as ContractError).message
  }
  return 'accepted'
}

describe('readListQuery', () => {
  it.each([
    ['1', 10],
    ['10', 10],
    ['299', 299],
    ['5000', 300],
    ['-3', 10],
    ['many', 10],
    [undefined, 10],
    [['20', '30'], 30],
  ])('limit %j becomes %i', (limit, expected) => {
    expect(readListQuery({ ...day, limit }).limit).toBe(expected)
  })

  it('counts days from midnight UTC', () => {
    expect(readListQuery({ create_time_after: '2024-02-29', create_time_before: '2024-03-01' })).toMatchObject({
      createdFrom: new Date('2024-02-29T00:00:00Z'),
      createdBefore: new Date('2024-03-01T00:00:00Z'),
    })
  })

  it.each([
    [{}, 'No create_time_* parameters have been specified.'],
    [{ create_time_before: '12.07.2023' }, dateSentence('create_time_before')],
    [{ create_time_after: '2023-7-1' }, dateSentence('create_time_after')],
    [{ create_time_after: '2023-02-30' }, dateSentence('create_time_after')],
    [{ create_time_after: '' }, dateSentence('create_time_after')],
    [{ ...day, create_time_before: '2023-07-12' }, reversed()],
    [{ ...day, create_time_before: '2023-07-11' }, reversed()],
    [{ ...day, next_page_key: 'abc' }, 'Wrong format for task_id. Please enter an integer.'],
    [{ ...day, next_page_key: '1.5' }, 'Wrong format for task_id. Please enter an integer.'],
    [{ ...day, task_status: 'deleted' }, statuses()],
    [{ ...day, task_status: 'Done' }, statuses()],
    [{ ...day, task_status: 'done', next_page_key: '1689161781804287' }, 'accepted'],
  ])('%j: %s', (query, expected) => {
    expect(sentence(query)).toBe(expected)
  })

  it.each([
    ['newest', true],
    ['oldest', false],
    ['sideways', false],
    [undefined, false],
  ])('order %j', (order, newestFirst) => {
    expect(readListQuery({ ...day, order }).newestFirst).toBe(newestFirst)
  })

  it('accepts any query or refuses it with a sentence of the catalogue', () => {
    const value = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined))
    const query = fc.record({
      create_time_before: value,
      create_time_after: value,
      task_status: value,
      next_page_key: value,
      limit: value,
    })
    fc.assert(
      fc.property(query, given => {
        expect(sentence(given)).toMatch(/^(accepted|Please|Wrong|No create)/)
      }),
    )
  })
})

function dateSentence(parameter: string): string {
  return `Please enter a properly formatted time for the ${parameter} value. Correct format: YYYY-MM-DD`
}

function reversed(): string {
  return 'Please check your create_time_* parameters. create_time_after can not be later than/equal to create_time_before.'
}

function statuses(): string {
  return "Please enter a correct task_status. Task status value can only be one of ['new', 'queued', 'processing', 'done', 'failed']"
}
