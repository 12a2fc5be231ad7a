import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../../web/dist', import.meta.url))

/** The folder of the built web page; undefined when it has not been built. */
export const WEB_FOLDER = existsSync(FOLDER) ? FOLDER : undefined
