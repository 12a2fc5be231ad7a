import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'

const ROOT = new URL('../../', import.meta.url)

/** The absolute path of a file or folder of this repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(path, ROOT))
}

/** The street of the tests enlarged to a size in px: what is measured where no photo is named. */
export function enlargedStreet(width: number, height: number): Sharp {
  return sharp(repositoryPath('tests/fixtures/street-taxis.jpg')).resize(width, height, { fit: 'cover' })
}
