import fc from 'fast-check'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { mutated, mutations, settings, timed, timeout } from '../test/fuzzing.js'
import { raw, testImage } from '../test/images.js'
import { filterProfile, readTags } from './icc.js'

it(
  'ICC: no profile fails, hangs, grows or comes through with other tags; what is written is read the same',
  async () => {
    const png = async (name: string) => sharp(await raw(testImage(2, 2)).withIccProfile(name).png().toBuffer()).metadata()
    const profiles = [(await png('srgb')).icc!, (await png('p3')).icc!]
    const source = fc.tuple(fc.constantFrom(...profiles), mutations, fc.boolean()).map(([profile, changes, claims]) => {
      const changed = mutated(profile, changes)
      if (claims && changed.length > 4) changed.writeUInt32BE(changed.length)
      return changed
    })
    let written = 0
    fc.assert(
      fc.property(source, profile => {
        const fresh = timed(() => filterProfile(profile, 'rgb'))
        if (!fresh) return
        written++
        // Data may lie in the table of tags; it is padded.
        expect(fresh.length).toBeLessThanOrEqual(profile.length + 132 + (12 + 3) * readTags(fresh).length)
        for (const { signature } of readTags(fresh))
          expect(signature).toMatch(/^(desc|cprt|[wb]tpt|bkpt|chad|cicp|lumi|[rgbk](XYZ|TRC)|gamt|rig0|[ABD]2[ABD]\d)$/)
        expect(filterProfile(fresh, 'rgb')).toEqual(fresh)
      }),
      settings,
    )
    expect(written).toBeGreaterThan(0)
  },
  timeout,
)
