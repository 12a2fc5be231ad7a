import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../command-error.js'
import { onDisk, printable } from '../file-names.js'
import { describeProblem } from '../images/problem.js'
import { cropOf } from './crop.js'
import { CSV_HEAD, csvLine } from './csv.js'
import { figure, type Heading, HTML_HEAD, pageEnd, pageStart } from './html.js'
import type { ReportedImage } from './image.js'
import { positionOf } from './position.js'
import { count, createTotals, keepMostDoubtful } from './totals.js'

const HEADS: Record<string, string> = { '.csv': CSV_HEAD, '.html': HTML_HEAD }

/** A report that is being written: beside its place until it is complete. */
interface Open {
  file: string
  aside: string
  handle: FileHandle
}

/** The reports of a run, whose files can be written to. */
export interface Reports {
  /** Writes all of them. @throws CommandError when a disk refuses */
  write(images: AsyncIterable<ReportedImage>, heading: Heading): Promise<void>
  /** Removes what is incomplete. */
  close(): Promise<void>
}

/**
 * Opens reports before the run: what cannot be written is to be known before hours of work.
 * @param force overwrite files that are not reports
 * @throws CommandError when one cannot be written, or another file is in its place
 */
export async function openReports(files: readonly string[], force: boolean): Promise<Reports> {
  const opened: Open[] = []
  const close = async () => {
    for (const { handle, aside } of opened.splice(0)) {
      await handle.close()
      await rm(onDisk(aside), { force: true })
    }
  }
  try {
    for (const file of files) opened.push(await openReport(file, force))
  } catch (error) {
    await close()
    throw error
  }
  return {
    async write(images, heading) {
      try {
        await writeAll(opened, images, heading)
        for (const { handle, aside, file } of opened) {
          await handle.sync()
          await rename(onDisk(aside), onDisk(file))
        }
      } catch (error) {
        throw new CommandError(`The report could not be written: ${describeProblem(error)}. Run the same command again.`)
      }
    },
    close,
  }
}

async function openReport(file: string, force: boolean): Promise<Open> {
  const head = HEADS[path.extname(file)]
  try {
    if (!force && !(await isReport(file, head)))
      throw new CommandError(`${printable(file)} exists and is not a report. Choose another name; --force overwrites it.`)
    await mkdir(onDisk(path.dirname(file)), { recursive: true })
    const aside = `${file}.${process.pid}.part`
    return { file, aside, handle: await open(onDisk(aside), 'wx') }
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`Cannot write the report ${printable(file)}: ${describeProblem(error)}. Choose another name.`)
  }
}

/** Whether a report is in that place, or nothing. */
async function isReport(file: string, head: string): Promise<boolean> {
  const handle = await open(onDisk(file), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (!handle) return true
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(head.length), 0, head.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === head
  } finally {
    await handle.close()
  }
}

/** One pass over the images: nothing of them but the totals is kept in memory. */
async function writeAll(opened: readonly Open[], images: AsyncIterable<ReportedImage>, heading: Heading): Promise<void> {
  const lists = opened.filter(({ file }) => path.extname(file) === '.csv')
  const pages = opened.filter(({ file }) => path.extname(file) === '.html')
  const totals = createTotals()
  for (const { handle } of lists) await handle.write(CSV_HEAD)
  for await (const image of images) {
    count(totals, image)
    if (lists.length === 0) continue
    const line = csvLine(image, image.result === undefined ? {} : await positionOf(image.result))
    for (const { handle } of lists) await handle.write(line)
  }
  if (pages.length === 0) return
  keepMostDoubtful(totals)
  const all = async (piece: string) => {
    for (const { handle } of pages) await handle.write(piece)
  }
  await all(pageStart(heading, totals))
  for (const one of totals.shown) await all(figure(one, await cropOf(one)))
  await all(pageEnd())
}
