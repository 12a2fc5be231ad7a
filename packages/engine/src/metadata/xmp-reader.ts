import { Parser } from 'htmlparser2'
import { wellKnownUri, withoutEnd } from './xmp-properties.js'

/**
 * How a property stands in a packet: as an attribute, as an element, or as an element with an array
 * of values.
 */
export type XmpForm = 'attribute' | 'element' | 'Seq' | 'Bag'

/** Takes one property. Its values are undefined when they are not plain text. */
export type TakeProperty = (uri: string, name: string, form: XmpForm, values: string[] | undefined) => void

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns'
const META = 'adobe:ns:meta'
const DESCRIPTION = `${RDF} Description`
const ARRAYS: Record<string, XmpForm> = { [`${RDF} Seq`]: 'Seq', [`${RDF} Bag`]: 'Bag' }
const ITEM = `${RDF} li`

/** XMP needs about ten; the parser looks through all open elements at each end tag. */
const MAX_DEPTH = 64
/** Of one element. Cameras write about a hundred. */
const MAX_ATTRIBUTES = 4096
/** No value that is kept is longer, no array has more. */
const MAX_VALUE_LENGTH = 1024
const MAX_VALUES = 72

/** An element that is being read as a property. */
interface OpenProperty {
  uri: string
  name: string
  depth: number
  form: XmpForm
  values: string[]
  isText: boolean
}

/**
 * Reads the properties of all rdf:Description elements in time proportional to the text's length.
 * It takes XML that is not well-formed: bare ampersands, undeclared prefixes, missing end tags. It
 * knows no entities but those of XML, and what follows the end of x:xmpmeta (of rdf:RDF where there
 * is none) is not read.
 * @returns whether that end was found: false for a text that is cut off, exceeds a limit or holds
 * no RDF
 */
export function readRdf(text: string, take: TakeProperty): boolean {
  const prefixes = prefixScopes()
  const open: string[] = []
  let property: OpenProperty | undefined
  let attributeCount = 0
  let outermost = Number.POSITIVE_INFINITY
  let hasEnded = false

  function openElement(tag: string, attributes: Record<string, string>): void {
    attributeCount = 0
    prefixes.enter(attributes)
    const [uri, name] = prefixes.resolve(tag)
    const element = `${withoutEnd(uri)} ${name}`
    const isProperty = open.at(-1) === DESCRIPTION && element !== DESCRIPTION
    open.push(element)
    if (withoutEnd(uri) === META || element === `${RDF} RDF`) outermost = Math.min(outermost, open.length)
    if (property) openInside(property, element, open.length - property.depth)
    else if (isProperty) property = { uri, name, depth: open.length, form: 'element', values: [''], isText: true }
    else if (element === DESCRIPTION) takeAttributes(attributes)
    if (open.length > MAX_DEPTH) parser.pause()
  }

  function takeAttributes(attributes: Record<string, string>): void {
    // An attribute without a prefix is in no namespace.
    for (const [attribute, value] of Object.entries(attributes).filter(([name]) => name.includes(':')))
      take(...prefixes.resolve(attribute), 'attribute', [value])
  }

  function closeElement(isImplied: boolean): void {
    if (property?.depth === open.length) {
      const { uri, name, form, values, isText } = property
      // A value without its end tag may be cut short.
      take(uri, name, form, isText && !isImplied ? values : undefined)
      property = undefined
    }
    if (open.length === outermost) {
      hasEnded = true
      parser.pause()
    }
    open.pop()
    prefixes.leave()
  }

  const parser = new Parser(
    {
      onattribute: () => {
        if (++attributeCount > MAX_ATTRIBUTES) parser.pause()
      },
      onopentag: openElement,
      onclosetag: (_, isImplied) => closeElement(isImplied),
      ontext: piece => property && addText(property, piece, open.length - property.depth),
    },
    { xmlMode: true },
  )
  parser.write(text)
  return hasEnded
}

/** @param level 1 for a child of the property's element, 2 for a child of that */
function openInside(property: OpenProperty, element: string, level: number): void {
  const { form, values } = property
  if (level === 1 && form === 'element' && element in ARRAYS) Object.assign(property, { form: ARRAYS[element], values: [] })
  else if (level === 2 && form !== 'element' && element === ITEM && values.length < MAX_VALUES) values.push('')
  else property.isText = false
}

function addText(property: OpenProperty, piece: string, level: number): void {
  const { form, values } = property
  const isValue = level === (form === 'element' ? 0 : 2) && values.length > 0
  if (isValue && values[values.length - 1].length < MAX_VALUE_LENGTH) values[values.length - 1] += piece
  else if (isValue || piece.trim() !== '') property.isText = false
}

/**
 * The namespaces of prefixes, element by element; a prefix that is not declared stands for its
 * well-known namespace.
 */
function prefixScopes() {
  const uris = new Map<string, string[]>()
  const declared: string[][] = []
  return {
    enter(attributes: Record<string, string>): void {
      const names = Object.keys(attributes).filter(name => name === 'xmlns' || name.startsWith('xmlns:'))
      for (const name of names) uris.set(name, [...(uris.get(name) ?? []), attributes[name]])
      declared.push(names)
    },
    resolve(name: string): [uri: string, local: string] {
      const colon = name.indexOf(':')
      const prefix = name.slice(0, Math.max(0, colon))
      const scopes = uris.get(prefix ? `xmlns:${prefix}` : 'xmlns')
      return [scopes?.at(-1) ?? wellKnownUri(prefix), name.slice(colon + 1)]
    },
    leave(): void {
      for (const name of declared.pop() ?? []) uris.get(name)?.pop()
    },
  }
}
