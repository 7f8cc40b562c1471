import { describe, expect, test } from '@jest/globals'
import { guardTarget } from '../../../../src/http/middleware/target.ts'
import { incoming } from '../incoming-request.ts'

describe('guardTarget', () => {
  test.each([
    '/',
    '/mcp',
    '/mcp/',
    '//mcp',
    '/mcp?a=%2e%2e/..',
    '/.well-known/oauth-protected-resource/mcp',
    '/v1/data/mcp/main',
    '/a..b/...',
  ])('%s is a path as it is written', (target) => {
    expect(guardTarget(incoming({ target }), '')).toBeUndefined()
  })

  test.each([
    '/%6dcp',
    '/healthz/../mcp',
    '/healthz/..',
    '/./mcp',
    '/.',
    '/healthz/%2e%2e/mcp',
    '/\\mcp',
    '/mcp;x',
    '/mcp#x',
    '/mc p',
    'mcp',
    'http://localhost/mcp',
    '*',
    '',
  ])('%s would have to be normalised', (target) => {
    expect(guardTarget(incoming({ target }), '')).toEqual({ code: 'bad_request' })
  })
})
