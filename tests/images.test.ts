/** The images of other makers that the deployment names. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { REPOSITORY } from './command.js'

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8')

describe('images', () => {
  const files = ['docker/Dockerfile', 'docker-compose.yml', 'docker-compose.gpu.yml', 'deploy/kubernetes/kustomization.yaml']
  const named = (file: string) =>
    [...read(file).matchAll(/(?:^ARG \w+_IMAGE=|_IMAGE:-|^\s*newTag: )"?([^\s}"]+)/gm)].map(([, image]) => image)

  test.each(files)('of %s have a tag, none of which moves', file => {
    expect(named(file).length).toBeGreaterThan(0)
    for (const image of named(file)) {
      expect(image).toMatch(/:|^\d/)
      expect(image).not.toMatch(/:(latest|stable|edge|main|master)\b|:$/)
    }
  })

  test('can all be replaced by a digest, without a change to the files', () => {
    for (const file of files.slice(0, 3)) {
      const fixed = [...read(file).matchAll(/^\s*(?:FROM|image:) +(\S+)/gm)].map(([, image]) => image)
      for (const image of fixed) expect(image).toMatch(/^\$\{|^(build|cuda-build)$/)
    }
  })
})
