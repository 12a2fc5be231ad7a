/** Folders of a package build on each other in one direction. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from './command.js'

/** The folders below `root` that each of them imports from. */
function importsOf(root: string): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>()
  const folderOf = (file: string) => path.relative(root, file).split(path.sep).slice(0, -1).shift()
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(root, name)
    const from = folderOf(file)
    if (from === undefined || from === 'test' || !/\.tsx?$/.test(name) || /\.test\.tsx?$/.test(name)) continue
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const to = folderOf(path.resolve(path.dirname(file), target))
      if (to !== undefined && to !== from) imports.set(from, (imports.get(from) ?? new Set()).add(to))
    }
  }
  return imports
}

/** Whether a folder is among those that it needs, directly or through others. */
function isInCircle(folder: string, imports: Map<string, Set<string>>): boolean {
  const needed = new Set(imports.get(folder))
  for (const next of needed) for (const further of imports.get(next) ?? []) needed.add(further)
  return needed.has(folder)
}

const SOURCES = ['apps', 'packages']
  .flatMap(folder => readdirSync(path.join(REPOSITORY, folder)).map(name => `${folder}/${name}/src`))
  .concat('bench/src', 'models/src')

test.each(SOURCES)('no folders of %s need each other', root => {
  const imports = importsOf(path.join(REPOSITORY, root))
  expect([...imports.keys()].filter(folder => isInCircle(folder, imports))).toEqual([])
})

test('a circle of folders would be found', () => {
  const imports = importsOf(path.join(REPOSITORY, 'packages/engine/src'))
  expect(imports.get('detect')).toContain('plan')
  imports.set('plan', new Set(['detect']))
  expect([...imports.keys()].filter(folder => isInCircle(folder, imports))).toEqual(expect.arrayContaining(['detect', 'plan']))
})
