/** The upload list of the web page in a real browser: reloads, pauses, several users and tabs. */
import path from 'node:path'
import { missing } from '@obscura/test-servers/requirement'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answering, type PageService, signIn, startPage } from './page-service.js'

interface Task {
  task_id: number
  task_status: string
}

describe.skipIf(missing('chromium'))('the upload list', () => {
  let service: PageService
  let page: Page

  beforeAll(async () => {
    service = await startPage()
    await service.addUser('ben')
  })
  afterAll(() => service?.close())
  beforeEach(async () => {
    page = await service.openSignedIn()
  })
  afterEach(() => page.context().close())

  /** Makes small images in a folder and returns their paths. */
  async function images(...names: string[]): Promise<string[]> {
    const files = names.map(name => path.join(service.root, `${name}.png`))
    const create = { width: 48, height: 48, channels: 3, background: '#557799' } as const
    for (const [i, file] of files.entries()) await sharp({ create }).extend({ top: i, background: 'red' }).png().toFile(file)
    return files
  }
  const choose = (files: string[], on = page) => on.setInputFiles('input[type=file] >> nth=0', files)
  const signOut = () => page.getByRole('button', { name: 'Sign out' }).click()
  /**
   * Lets no file reach the service, and waits until so many are on their way: by then the browser
   * has noted their tasks. What is held is lost with the page that has sent it; what the page sends
   * after {@link reload} arrives.
   */
  async function chooseHeld(files: string[], sent = files.length): Promise<void> {
    let held = 0
    isHolding = true
    await page.route('**/files/**', route => {
      if (!isHolding) return route.continue()
      held++
    })
    await choose(files)
    await expect.poll(() => held).toBe(sent)
    await page.getByText('not kept by this browser').waitFor({ state: 'detached' })
  }
  let isHolding = false
  const reload = async () => {
    isHolding = false
    await page.reload()
  }
  const clear = async () => {
    await page.getByRole('button', { name: 'Clear finished' }).click()
    await page.locator('.queue').waitFor({ state: 'detached' })
    await expect.poll(kept).toEqual([0, 0])
  }
  /** How many files and uploads the browser keeps. */
  const kept = () =>
    page.evaluate(`new Promise(resolve => {
      indexedDB.open('obscura /').onsuccess = ({ target: { result: db } }) => {
        const tx = db.transaction(['files', 'uploads'])
        const counts = ['files', 'uploads'].map(name => tx.objectStore(name).count())
        tx.oncomplete = () => { db.close(); resolve(counts.map(({ result }) => result)) }
      }
    })`)
  const tasks = async (): Promise<Task[]> =>
    (await service.api('GET', '/v2/task/list?create_time_after=2000-01-01&limit=300')).body.items
  /** @returns a function that lists the tasks since now */
  async function newTasks(): Promise<() => Promise<Task[]>> {
    const before = new Set((await tasks()).map(({ task_id }) => task_id))
    return async () => (await tasks()).filter(({ task_id }) => !before.has(task_id))
  }

  test('goes on after a reload where it was, without the files being chosen again or sent twice', async () => {
    const added = await newTasks()
    await chooseHeld(await images('one', 'two', 'three', 'four', 'five'), 3)
    const begun = await added()
    expect(begun).toHaveLength(3)
    await reload()
    await page.getByText('5 of 5 done').waitFor()
    const after = await added()
    expect(after).toHaveLength(5)
    expect(after).toEqual(
      expect.arrayContaining(begun.map(({ task_id }) => expect.objectContaining({ task_id, task_status: 'done' }))),
    )
    await clear()
  })

  test('stays paused over a reload, and continues the tasks that were begun', async () => {
    const added = await newTasks()
    await chooseHeld(await images('six', 'seven', 'eight', 'nine'), 3)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.locator('.queue li.stopped').nth(3).waitFor()
    await reload()
    await page.locator('.queue li.stopped').nth(3).waitFor()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('4 of 4 done').waitFor()
    expect(await added()).toHaveLength(4)
  })

  test('goes on by itself after a reload while the service cannot be reached', async () => {
    const added = await newTasks()
    await page.route('**/files/**', route => route.abort())
    await choose(await images('interrupted'))
    await page.locator('.queue li.stopped').waitFor()
    await page.getByText('not kept by this browser').waitFor({ state: 'detached' })
    await page.unroute('**/files/**')
    await page.reload()
    await page.getByText('1 of 1 done').waitFor()
    expect(await added()).toHaveLength(1)
  })

  test('says which files have to be chosen again, and sends only those', async () => {
    const added = await newTasks()
    const files = await images('ten', 'eleven')
    await chooseHeld(files)
    // As a browser does that is short of room.
    await page.evaluate(`new Promise(resolve => {
      indexedDB.open('obscura /').onsuccess = ({ target }) => {
        const tx = target.result.transaction('files', 'readwrite')
        tx.objectStore('files').openKeyCursor().onsuccess = ({ target: { result } }) => tx.objectStore('files').delete(result.key)
        tx.oncomplete = () => { target.result.close(); resolve() }
      }
    })`)
    await reload()
    await page.getByText('One file has to be chosen again').waitFor()
    await page.getByText('1 of 2 done').waitFor()
    expect(await page.locator('.queue li', { hasText: 'choose again' }).count()).toBe(1)
    await choose(files)
    await page.getByText('2 of 2 done').waitFor()
    expect(await added()).toHaveLength(2)
  })

  test('of a tab that is open is not taken over by another tab', async () => {
    const added = await newTasks()
    await chooseHeld(await images('twelve'))
    const other = await page.context().newPage()
    await other.goto(service.url)
    await choose(await images('of the other tab'), other)
    await other.getByText('1 of 1 done').waitFor()
    await other.getByRole('button', { name: 'Clear finished' }).click()
    // Of a tab that closed before, the list would still name it.
    await expect.poll(kept).toEqual([1, 1])
    await other.close()
    await reload()
    await page.getByText('1 of 1 done').waitFor()
    expect(await added()).toHaveLength(2)
  })

  test('of a tab that was closed is continued by another tab', async () => {
    await chooseHeld(await images('closed'))
    const other = await page.context().newPage()
    await page.close()
    await other.goto(service.url)
    await other.getByText('1 of 1 done').waitFor()
    page = other
  })

  test('is shown to its user only, who finds it again after somebody else', async () => {
    await chooseHeld(await images('thirteen'))
    await page.context().clearCookies()
    await reload()
    await signIn(page, 'ben')
    await choose(await images('of ben'))
    await page.getByText('1 of 1 done').waitFor()
    expect(await page.locator('.queue li').allInnerTexts()).toEqual([expect.stringContaining('of ben')])
    await signOut()
    await signIn(page)
    await page.getByText('1 of 1 done').waitFor()
    expect(await page.locator('.queue li').allInnerTexts()).toEqual([expect.stringContaining('thirteen')])
  })

  test('is forgotten by the browser when its user signs out after a question', async () => {
    await chooseHeld(await images('fourteen'))
    expect(await answering(page, signOut)).toBe('One file is not uploaded yet. Sign out and forget them in this browser?')
    await page.getByRole('heading', { name: 'Sign in to Obscura' }).waitFor()
    expect(await kept()).toEqual([0, 0])
  })

  test("presets of one's own are kept for their user", async () => {
    const presets = page.locator('.parameters select').first()
    const persons = page.getByLabel('Persons', { exact: true })
    const names = () => presets.locator('option').allInnerTexts()
    await persons.check()
    await page.getByText('All parameters').click()
    await page.getByLabel('quality').fill('77')
    await page.keyboard.press('Tab')
    await page.getByLabel('Name of a preset of your own').fill('Harbour')
    await page.getByRole('button', { name: 'Save' }).click()
    await presets.selectOption('Street')
    expect(await persons.isChecked()).toBe(false)
    await page.reload()
    await presets.selectOption('Harbour')
    expect(await persons.isChecked()).toBe(true)
    await signOut()
    await signIn(page, 'ben')
    await presets.waitFor()
    expect(await names()).not.toContain('Harbour')
    await signOut()
    await signIn(page)
    await page.getByRole('button', { name: 'Remove the preset Harbour' }).click()
    await expect.poll(names).not.toContain('Harbour')
  })
})
