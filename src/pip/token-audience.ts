/**
 * Whether one of the audiences of a token is one of ours. A resource identifier is compared as RFC 3986, 6.2.2
 * makes equal what cannot differ: case of scheme and host, the default port, and the empty path; everything else,
 * and whatever is no such identifier, character by character. Never by prefix.
 */
export function isAccepted(audience: unknown, accepted: readonly string[]): boolean {
  const ours = new Set(accepted.map(comparable))
  return [audience].flat().some((one) => typeof one === 'string' && ours.has(comparable(one)))
}

/** ASCII alone: to fold other letters would make two names one. */
const RESOURCE = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/[^#]*)?$/i
const DEFAULT_PORT: Readonly<Record<string, string>> = { http: '80', https: '443' }

function comparable(audience: string): string {
  const [, scheme = '', host = '', port = '', path = '/'] = RESOURCE.exec(audience) ?? []
  if (host === '') return audience
  const kept = port === '' || port === DEFAULT_PORT[scheme.toLowerCase()] ? '' : `:${port}`
  return `${scheme.toLowerCase()}://${host.toLowerCase()}${kept}${path}`
}
