import { headerValues } from '../incoming.ts'
import type { Guard } from './guard.ts'

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i

/** A POST carries plain JSON and takes JSON or an event stream, as MCP asks. Other methods are refused later. */
export const guardMedia: Guard = (incoming) => {
  if (incoming.httpMethod !== 'POST') return undefined
  const [type] = headerValues(incoming, 'content-type')
  if (type === undefined || !JSON_TYPE.test(type)) return { code: 'unsupported_media_type' }
  const encoded = headerValues(incoming, 'content-encoding').some((value) => value.toLowerCase() !== 'identity')
  if (encoded) return { code: 'unsupported_media_type' }
  const ranges = new Map(headerValues(incoming, 'accept').flatMap(mediaRanges))
  const takes = (type: string) =>
    widening(type)
      .map((range) => ranges.get(range))
      .find((taken) => taken !== undefined) === true
  return takes('application/json') && takes('text/event-stream') ? undefined : { code: 'not_acceptable' }
}

/** Each media range of an `Accept` header, and whether it is taken: `q=0` says that it is not. */
const mediaRanges = (header: string): readonly (readonly [range: string, taken: boolean])[] =>
  header.split(',').map((item) => {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase())
    return [range, !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))]
  })

/** The most specific range that names a type has the last word (RFC 9110 §12.5.1). */
const widening = (type: string): readonly string[] => [type, `${type.slice(0, type.indexOf('/'))}/*`, '*/*']
