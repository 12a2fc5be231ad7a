import { useEffect, useState } from 'preact/hooks'
import { text } from '../text/index.js'
import { type DecodedImage, decodeImage, UndecodableError } from './decoded.js'

/**
 * Decodes a file while it is shown.
 * @param file undefined: nothing to show
 * @returns undefined until it is decoded
 */
export function useDecoded(
  file: Blob | Promise<Blob> | undefined,
  onProblem: (message: string) => void,
): DecodedImage | undefined {
  const [shown, setShown] = useState<DecodedImage>()
  useEffect(() => {
    if (!file) return
    let isOver = false
    let opened: DecodedImage | undefined
    Promise.resolve(file)
      .then(decodeImage)
      .then(
        decoded => {
          opened = decoded
          if (isOver) decoded.close()
          else setShown(decoded)
        },
        error => isOver || onProblem(error instanceof UndecodableError ? text.value.undecodable : error.message),
      )
    return () => {
      isOver = true
      opened?.close()
    }
  }, [file])
  return file && shown
}
