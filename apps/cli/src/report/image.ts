import type { Found } from '../images/found.js'

/** What became of an image: its row in a report. */
export interface ReportedImage {
  /** Path as the command was given it, or the path below a folder that it was given. */
  file: string
  /** Folder of the result below the output folder. */
  folder: string
  /** Path of the result: only of images that are anonymized. */
  result?: string
  status: 'anonymized' | 'anonymized earlier' | 'failed' | 'not processed'
  /** Why it failed. */
  problem?: string
  /** Absent where an earlier version did not record it. */
  found?: Found
}
