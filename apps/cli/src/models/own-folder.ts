/** The folder of one's own models: manifests/NAME.json, and files/NAME.onnx beside it. */
import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathInside, RefusedFileError } from '@obscura/engine/installed'
import type { Manifest } from '@obscura/engine/manifest'
import { sha256Of } from './sha256.js'

export const fileOf = (name: string) => `files/${name}.onnx`
export const int8FileOf = (name: string) => `files/${name}.int8.onnx`
export const manifestPath = (folder: string, name: string) => join(folder, 'manifests', `${name}.json`)

/** The files of a model, relative to its folder, each with its SHA-256. */
export function filesOf({ file, sha256, int8 }: Manifest): { file: string; sha256: string }[] {
  return [{ file, sha256 }, ...(int8 ? [{ file: int8.file, sha256: int8.sha256 }] : [])]
}

/** Writes a file under another name first: nobody reads half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}

/** Writes a manifest into a folder of models, whole or not at all. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeWhole(manifestPath(folder, manifest.name), `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** Puts a file where a process that reads only `to`'s folder finds it. */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await link(from, to).catch(() => copyFile(from, to))
}

/**
 * Removes a model of one's own.
 * @throws RefusedFileError when a link leads to its files: those of another folder stay
 */
export async function removeModel(folder: string, manifest: Manifest): Promise<void> {
  const files = filesOf(manifest).map(({ file }) => file)
  for (const file of files) await pathInside(folder, dirname(file)).catch(ignoreMissing)
  await rm(manifestPath(folder, manifest.name))
  for (const file of files) await rm(join(folder, file), { force: true })
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/**
 * The SHA-256 of a file of the folder; undefined where there is none.
 * @throws RefusedFileError when it lies outside or is not a regular file
 */
export async function hashOf(folder: string, file: string): Promise<string | undefined> {
  const path = await pathInside(folder, file).catch(ignoreMissing)
  if (!path) return undefined
  // A pipe would block until somebody writes to it.
  if (!(await stat(path)).isFile()) throw new RefusedFileError(`${join(folder, file)} is not a regular file.`)
  return sha256Of(path)
}
