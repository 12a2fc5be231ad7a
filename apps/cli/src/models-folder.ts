import { fileURLToPath } from 'node:url'

/** The folder models/ of the clone; the path is valid from src/ and from dist/. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../../models', import.meta.url))
