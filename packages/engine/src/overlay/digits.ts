/** A tiny font for scores, so that no font needs to be installed. */

/** Height in px of a glyph at scale 1. */
export const GLYPH_HEIGHT = 7

/** Digits and the decimal point, rows from top to bottom, `#` is ink. */
const GLYPHS: Record<string, readonly string[]> = {
  '0': [' ### ', '#   #', '#  ##', '# # #', '##  #', '#   #', ' ### '],
  '1': ['  #  ', ' ##  ', '  #  ', '  #  ', '  #  ', '  #  ', ' ### '],
  '2': [' ### ', '#   #', '    #', '   # ', '  #  ', ' #   ', '#####'],
  '3': [' ### ', '#   #', '    #', '  ## ', '    #', '#   #', ' ### '],
  '4': ['   # ', '  ## ', ' # # ', '#  # ', '#####', '   # ', '   # '],
  '5': ['#####', '#    ', '#### ', '    #', '    #', '#   #', ' ### '],
  '6': [' ### ', '#    ', '#### ', '#   #', '#   #', '#   #', ' ### '],
  '7': ['#####', '    #', '   # ', '  #  ', '  #  ', ' #   ', ' #   '],
  '8': [' ### ', '#   #', '#   #', ' ### ', '#   #', '#   #', ' ### '],
  '9': [' ### ', '#   #', '#   #', ' ####', '    #', '    #', ' ### '],
  '.': [' ', ' ', ' ', ' ', ' ', ' ', '#'],
}

/**
 * The ink of a text as a bitmap, glyphs one column apart.
 * @returns its rows, `#` is ink.
 * @throws when the text holds anything but digits and points.
 */
export function bitmapOf(text: string): string[] {
  const glyphs = [...text].map(character => {
    const glyph = GLYPHS[character]
    if (glyph === undefined) throw new Error(`No glyph for "${character}": only digits and the decimal point can be drawn`)
    return glyph
  })
  return Array.from({ length: GLYPH_HEIGHT }, (_, row) => glyphs.map(glyph => glyph[row]).join(' '))
}
