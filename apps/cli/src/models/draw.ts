import type { ObjectClass, ReportedDetection } from '@obscura/engine'
import sharp from 'sharp'

const COLOURS: Record<ObjectClass, string> = { face: '#ff3b30', person: '#34c759', license_plate: '#ffcc00', vehicle: '#0a84ff' }

/** Draws boxes with class and score on an image; a JPEG. */
export async function drawDetections(image: Uint8Array, detections: readonly ReportedDetection[]): Promise<Buffer> {
  const upright = await sharp(image).autoOrient().toBuffer()
  const { width, height } = await sharp(upright).metadata()
  const line = Math.max(2, Math.round(Math.max(width, height) / 500))
  const text = line * 7
  const boxes = detections.map(({ class: name, score, box: [x1, y1, x2, y2] }) => {
    const colour = COLOURS[name]
    const label = `${name} ${score.toFixed(2)}`
    const y = y1 > text * 1.3 ? y1 - text * 1.3 : y1
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="${colour}" stroke-width="${line}"/>
      <rect x="${x1}" y="${y}" width="${label.length * text * 0.6}" height="${text * 1.3}" fill="${colour}"/>
      <text x="${x1 + line}" y="${y + text}" font-family="monospace" font-size="${text}">${label}</text>`
  })
  const overlay = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}</svg>`
  return sharp(upright)
    .composite([{ input: Buffer.from(overlay) }])
    .jpeg({ quality: 90 })
    .toBuffer()
}
