/** The page "Administration" in a real browser. */
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering, type PageService, problemsOf, startPage } from './page-service.js'

describe.skipIf(missing('chromium'))('the page "Administration"', () => {
  let service: PageService
  let page: Page
  let problems: string[]

  beforeAll(async () => {
    service = await startPage()
  })
  afterAll(() => service?.close())
  beforeEach(async () => {
    page = await service.openSignedIn()
    problems = problemsOf(page)
    await page.getByRole('link', { name: 'Administration' }).click()
    await row('admin').waitFor()
  })
  afterEach(() => page.context().close())

  const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) })

  test('adds a user, and says what is wrong with one that is refused', async () => {
    const add = async (name: string, password: string) => {
      await page.getByLabel('Name of the new user').fill(name)
      await page.getByLabel('Password of the new user').fill(password)
      await page.getByLabel('Customer of the new user').fill('<b>Graz</b>')
      await page.getByRole('button', { name: 'Add user' }).click()
    }
    await add('ben', 'horse')
    await page.getByText('The password must have at least 8 characters.').waitFor()
    await add('ben', 'the third horse')
    await row('ben').getByText('<b>Graz</b>').waitFor()
    await expect.poll(() => page.getByLabel('Name of the new user').inputValue()).toBe('')
  })

  test('makes a user an administrator and no longer, sets a password, and removes the user and the customer', async () => {
    await service.addUser('ada', '<b>Linz</b>')
    await page.reload()
    await row('ada').getByRole('button', { name: 'Make administrator' }).click()
    await row('ada').getByRole('button', { name: 'Revoke administrator role' }).click()
    await row('ada').getByRole('button', { name: 'Make administrator' }).waitFor()
    await row('ada').getByRole('button', { name: 'Set password' }).click()
    await page.getByLabel('New password of ada').fill('the fourth horse')
    await page.getByRole('button', { name: 'Save password' }).click()
    await page.getByLabel('New password of ada').waitFor({ state: 'detached' })
    await answering(page, () => page.getByRole('button', { name: 'Remove ada' }).click())
    await row('ada').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Remove <b>Linz</b>' }).click()
    await page.getByRole('button', { name: 'Remove <b>Linz</b>' }).waitFor({ state: 'detached' })
    expect(await row('admin').getByRole('button', { name: 'Remove' }).count()).toBe(0)
    const log = page.getByRole('region', { name: 'Audit log' })
    await page.getByRole('button', { name: 'Refresh' }).click()
    await log.getByText('removed a customer').first().waitFor()
    for (const words of ['added a user', 'made a user an administrator', 'set a password', 'removed a user'])
      expect(await log.innerText()).toContain(words)
    expect(problems).toEqual([])
  })

  test('shortens the retention of a customer after a question', async () => {
    await service.addUser('kai', 'Wels')
    await page.reload()
    await page.getByRole('button', { name: 'Change retention of Wels' }).click()
    await page.getByLabel('Days until files of Wels are deleted').fill('7')
    const question = await answering(page, () => page.getByRole('button', { name: 'Save retention' }).click())
    expect(question).toMatch(/^Shorten the retention of Wels\? New: 7 days; until now: 90 days\./)
    await page.getByText('Retention: 7 days').waitFor()
    const { items } = (await service.api('GET', '/v2/admin/customers')).body
    expect(items).toContainEqual(expect.objectContaining({ customer: 'Wels', retention_days: 7 }))
    expect(problems).toEqual([])
  })

  test('shows health and models with their licences', async () => {
    await page.getByRole('region', { name: 'Health' }).getByText('Database').waitFor()
    const models = await page.getByRole('region', { name: 'Models' }).innerText()
    expect(models).toMatch(/Obscura plate detector[\s\S]*Apache-2.0/)
    expect(problems).toEqual([])
  })

  test('is not shown to others', async () => {
    await service.addUser('eve')
    const other = await service.openSignedIn({}, 'eve')
    expect(await other.getByRole('link', { name: 'Administration' }).count()).toBe(0)
    await other.goto(`${service.url}/#/admin`)
    await other.getByText('Only administrators may do this.').first().waitFor()
    await other.context().close()
  })
})
