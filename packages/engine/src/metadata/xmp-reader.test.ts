import { describe, expect, it } from 'vitest'
import { cpuMs } from '../test/cpu.js'
import { readXmp } from './xmp.js'

const rdf = (content: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">${content}</rdf:RDF></x:xmpmeta>`

const MEBIBYTE = 1024 ** 2
const numbered = (count: number, piece: (i: number) => string) => Array.from({ length: count }, (_, i) => piece(i)).join('')

/**
 * Packets of a mebibyte, each the worst case of some way to read. The copied prefix map took 6 s
 * for 160 kB of the first.
 */
const HOSTILE: Record<string, string> = {
  'namespaces and elements': `<rdf:Description${numbered(4000, i => ` xmlns:n${i}="u"`)}>${'<a/>'.repeat(200_000)}</rdf:Description>`,
  'elements that declare a namespace': `<rdf:Description>${numbered(40_000, i => `<n${i}:a xmlns:n${i}="u"/>`)}</rdf:Description>`,
  attributes: `<rdf:Description${numbered(60_000, i => ` GPano:a${i}="u"`)}/>`,
  'unclosed elements': '<a>'.repeat(MEBIBYTE / 3),
  'unclosed elements with namespaces': numbered(40_000, i => `<a xmlns:b="c${i}">`),
  'end tags of nothing': `<rdf:Description>${'<b>'.repeat(40)}${'</c>'.repeat(MEBIBYTE / 4)}`,
  descriptions: '<rdf:Description GPano:PoseHeadingDegrees="x"/>'.repeat(20_000),
  items: `<rdf:Description><GPano:PoseHeadingDegrees><rdf:Seq>${'<rdf:li>1</rdf:li>'.repeat(50_000)}`,
  ampersands: `<rdf:Description GPano:ProjectionType="${'&'.repeat(MEBIBYTE)}"/>`,
  entities: `<rdf:Description><GPano:ProjectionType>${'&amp;'.repeat(200_000)}</GPano:ProjectionType></rdf:Description>`,
  'numbers of characters': `<rdf:Description GPano:ProjectionType="${'&#1111111'.repeat(100_000)}"/>`,
  digits: `<rdf:Description GPano:PoseHeadingDegrees="${'1'.repeat(MEBIBYTE)}x"/>`,
  spaces: `<rdf:Description><GPano:PoseHeadingDegrees>${' '.repeat(MEBIBYTE)}x</GPano:PoseHeadingDegrees></rdf:Description>`,
  'less-than signs': '<'.repeat(MEBIBYTE),
  comments: '<!--'.repeat(MEBIBYTE / 4),
  declarations: '<!DOCTYPE x [<!ENTITY a "'.repeat(40_000),
  NULs: '\0'.repeat(MEBIBYTE),
}

describe('a hostile packet costs no more than its length', () => {
  it.each(Object.entries(HOSTILE))('%s', (_, content) => {
    const packet = Buffer.from(rdf(content))
    expect(cpuMs(() => expect(readXmp(packet).properties.size).toBe(0))).toBeLessThan(2000)
  })
})

it('entities that a packet declares are not replaced, and none is loaded', () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'
  for (const entity of ['&a;', '&b;', '&c;', '%a;']) {
    const { properties, warnings } = readXmp(Buffer.from(bomb + rdf(`<rdf:Description GPano:PoseRollDegrees="${entity}"/>`)))
    expect([...properties.keys()]).toEqual([])
    expect(warnings.join()).toContain('GPano:PoseRollDegrees')
  }
})
