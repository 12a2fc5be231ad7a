import { fileURLToPath } from 'node:url'

/** The clone's models/, seen from src/ as well as from dist/. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../../models', import.meta.url))
