import type { Guard } from './guard.ts'

const PLAIN = /^\/[\w.~/-]*$/
const DOTS = /(?:^|\/)\.{1,2}(?:\/|$)/

/**
 * Takes a path only as it is written. `/healthz/../mcp` and `/%6dcp` are routed to `/mcp`, so whatever a proxy
 * in front decides by path would be decided on another one.
 */
export const guardTarget: Guard = ({ target }) => {
  const [path = ''] = target.split('?')
  return PLAIN.test(path) && !DOTS.test(path) ? undefined : { code: 'bad_request' }
}
