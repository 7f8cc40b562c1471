import { isSegment } from './path-segments.ts'
import { err, ok, type Result } from './result.ts'

/** A hierarchical URI in its one form. Segments are decoded. */
export type ResourceUri = {
  readonly canonical: string
  readonly scheme: string
  readonly host: string
  readonly segments: readonly string[]
}

const MAX_LENGTH = 4096
const FORM = /^([A-Za-z][A-Za-z0-9+.-]{0,31}):\/\/([A-Za-z0-9._~-]{0,255}(?::[0-9]{1,5})?)((?:\/[^/?#]*)*)$/
const PCHARS = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+$/
const EXPECTED = 'scheme://host/segments without user, query, fragment, empty, "." or ".." segments'

/**
 * Reads a URI, or says what was expected. Scheme, host and escapes may be written in several ways that mean the
 * same (RFC 3986 §6.2.2) and come out alike; dot segments and escaped slashes are refused, never resolved.
 */
export function parseResourceUri(text: string): Result<ResourceUri, string> {
  const parts = text.length > MAX_LENGTH ? null : FORM.exec(text)
  if (parts === null) return err(EXPECTED)
  const [, scheme = '', host = '', path = ''] = parts
  const segments: string[] = []
  for (const written of path.split('/').slice(1)) {
    const segment = PCHARS.test(written) ? decode(written) : undefined
    if (segment === undefined || !isSegment(segment)) return err(EXPECTED)
    segments.push(segment)
  }
  if (host === '' && segments.length === 0) return err(EXPECTED)
  return ok(resourceUri(scheme.toLowerCase(), host.toLowerCase(), segments))
}

const resourceUri = (scheme: string, host: string, segments: readonly string[]): ResourceUri => ({
  canonical: [`${scheme}://${host}`, ...segments.map(encode)].join('/'),
  scheme,
  host,
  segments,
})

function decode(written: string): string | undefined {
  try {
    return decodeURIComponent(written)
  } catch {
    return undefined
  }
}

/** What may stand as it is in a segment stays as it is. */
const encode = (segment: string): string =>
  encodeURIComponent(segment).replace(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)

/** A template whose variables each take the place of the host or of one whole segment. */
export type ResourceUriTemplate = {
  readonly names: readonly string[]
  readonly match: (uri: ResourceUri) => Readonly<Record<string, string>> | undefined
}

const VARIABLE = /^\{([A-Za-z][A-Za-z0-9_]{0,63})\}$/

/** Segment by segment, without a regular expression over the whole: no URI can make it slow (CVE-2026-0621). */
export function parseResourceUriTemplate(template: string): Result<ResourceUriTemplate, string> {
  const [head, ...pieces] = template.split('/').filter((_, at) => at !== 1)
  const names = pieces.flatMap((piece) => VARIABLE.exec(piece)?.[1] ?? [])
  const filled = [head, ...pieces.map((piece) => (VARIABLE.test(piece) ? 'x' : piece))]
  const sample = parseResourceUri([filled[0], '', ...filled.slice(1)].join('/'))
  if (!sample.ok || template.slice((head ?? '').length, (head ?? '').length + 2) !== '//') return err(EXPECTED)
  if (names.length === 0) return err('at least one {variable} in the place of a whole segment')
  if (new Set(names).size !== names.length) return err('each variable once')
  const [host = '', ...segments] = pieces
  const wanted = [
    variableOr(host, sample.value.host),
    ...segments.map((s, at) => variableOr(s, sample.value.segments[at] ?? '')),
  ]

  const match = (uri: ResourceUri) => {
    const given = [uri.host, ...uri.segments]
    if (uri.scheme !== sample.value.scheme || given.length !== wanted.length) return undefined
    const variables: Record<string, string> = {}
    for (const [at, want] of wanted.entries()) {
      const value = given[at] ?? ''
      if ('variable' in want && value !== '') variables[want.variable] = value
      else if ('variable' in want || want.literal !== value) return undefined
    }
    return variables
  }
  return ok({ names, match })
}

type Wanted = { readonly variable: string } | { readonly literal: string }

function variableOr(piece: string, literal: string): Wanted {
  const variable = VARIABLE.exec(piece)?.[1]
  return variable === undefined ? { literal } : { variable }
}
