import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { DOCUMENTS, generated, MEASURED, measuredText } from '../docs/generate.mjs'
import { obscura, REPOSITORY } from './command.js'

test.each(DOCUMENTS)('what is generated in %s is current (npm run docs renews it)', file => {
  const text = readFileSync(path.join(REPOSITORY, file), 'utf8')
  expect(text).toBe(generated(text))
})

test('the figures that the page shows are those of the benchmark (npm run docs renews them)', () => {
  const text = readFileSync(path.join(REPOSITORY, MEASURED), 'utf8')
  expect(text).toBe(measuredText())
  expect(JSON.parse(text).figures).toContainEqual(
    expect.objectContaining({ class: 'face', source: 'coco-val', objects: expect.stringMatching(/^\d+$/) }),
  )
})

test('the table of settings is in the documents', () => {
  expect(DOCUMENTS.map(file => readFileSync(path.join(REPOSITORY, file), 'utf8')).join()).toContain('| PORT | 8080 |')
})

const pages = ['.', 'docs', 'docs/decisions', 'bench', 'models', 'examples', 'tests/fixtures']
  .filter(folder => existsSync(path.join(REPOSITORY, folder)))
  .flatMap(folder => readdirSync(path.join(REPOSITORY, folder)).map(name => path.join(folder, name)))
  .filter(file => file.endsWith('.md'))

/** The anchors of a document's headings, as hosts of repositories make them. */
const anchors = (text: string) =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

test.each(pages)('every link and image of %s leads somewhere, with its anchor', page => {
  const text = readFileSync(path.join(REPOSITORY, page), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)\s]+))?[^)]*\)/g)].filter(([, target]) => !/^\w+:/.test(target))
  const missing = links.filter(([, target, anchor]) => {
    const file = target ? path.join(path.dirname(page), target) : page
    if (!existsSync(path.join(REPOSITORY, file))) return true
    return anchor !== undefined && !anchors(readFileSync(path.join(REPOSITORY, file), 'utf8')).includes(anchor)
  })
  expect(missing.map(([link]) => link)).toEqual([])
})

test('every flag that README and docs/command-line.md use exists', async () => {
  const text = ['README.md', 'docs/command-line.md'].map(file => readFileSync(path.join(REPOSITORY, file), 'utf8')).join('\n')
  const used = [...text.matchAll(/obscura (\w+)([^\n`]*)/g)].flatMap(([, command, rest]) =>
    (rest.match(/--[a-z][a-z-]+/g) ?? []).map(flag => `${command} ${flag}`),
  )
  const help = new Map<string, string>()
  for (const command of ['anonymize', 'detect', 'watch', 'serve', 'user']) {
    const pages =
      command === 'user'
        ? [
            ['user', 'add'],
            ['user', 'list'],
            ['user', 'password'],
          ]
        : [[command]]
    const all = await Promise.all(pages.map(page => obscura([...page, '--help'])))
    help.set(command, all.map(({ stdout }) => stdout).join('\n'))
  }
  expect(used.length).toBeGreaterThan(10)
  expect(used.filter(use => !help.get(use.split(' ')[0])?.includes(use.split(' ')[1]))).toEqual([])
})

test('no page speaks of a bare npx obscura: outside this workspace that is another package', () => {
  for (const page of pages) expect(readFileSync(path.join(REPOSITORY, page), 'utf8'), page).not.toMatch(/npx obscura/)
})

test('every test that the documentation names exists', () => {
  const named = pages.flatMap(page => [
    ...readFileSync(path.join(REPOSITORY, page), 'utf8').matchAll(
      /`((?:apps|packages|tests|bench|models)\/[\w./-]+\.test\.ts)`/g,
    ),
  ])
  expect(named.length).toBeGreaterThan(20)
  expect(named.map(([, file]) => file).filter(file => !existsSync(path.join(REPOSITORY, file)))).toEqual([])
})
