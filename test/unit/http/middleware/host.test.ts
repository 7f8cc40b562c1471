import { describe, expect, test } from '@jest/globals'
import { guardHost } from '../../../../src/http/middleware/host.ts'
import { incoming, withHeaders } from '../incoming-request.ts'

const guard = guardHost(['localhost', '127.0.0.1', '[::1]', 'MCP.Example.com'])
const verdict = (request: ReturnType<typeof incoming>) => guard(request, '')?.code ?? 'passes'

describe('guardHost', () => {
  test.each<{ host: string; is: string }>([
    { host: 'localhost', is: 'passes' },
    { host: 'localhost:3000', is: 'passes' },
    { host: 'localhost:65535', is: 'passes' },
    { host: 'LOCALHOST:3000', is: 'passes' },
    { host: 'mcp.example.com', is: 'passes' },
    { host: 'Mcp.Example.Com:443', is: 'passes' },
    { host: '127.0.0.1:80', is: 'passes' },
    { host: '[::1]', is: 'passes' },
    { host: '[::1]:3000', is: 'passes' },
    { host: 'evil.example', is: 'host_not_allowed' },
    { host: 'evil.example:3000', is: 'host_not_allowed' },
    { host: 'localhost.evil.example', is: 'host_not_allowed' },
    { host: 'evil.localhost', is: 'host_not_allowed' },
    { host: 'localhost.', is: 'host_not_allowed' },
    { host: 'localhost:', is: 'host_not_allowed' },
    { host: 'localhost:3000:1', is: 'host_not_allowed' },
    { host: 'localhost:999999', is: 'host_not_allowed' },
    { host: 'localhost:3000a', is: 'host_not_allowed' },
    { host: 'localhost, evil.example', is: 'host_not_allowed' },
    { host: 'user@localhost', is: 'host_not_allowed' },
    { host: 'localhost/mcp', is: 'host_not_allowed' },
    { host: 'localhost#', is: 'host_not_allowed' },
    { host: ' localhost', is: 'host_not_allowed' },
    { host: '::1', is: 'host_not_allowed' },
    { host: '[::2]:3000', is: 'host_not_allowed' },
    { host: '[0:0:0:0:0:0:0:1]', is: 'host_not_allowed' },
    { host: '[::1', is: 'host_not_allowed' },
    { host: '127.1', is: 'host_not_allowed' },
    { host: '2130706433', is: 'host_not_allowed' },
    { host: 'lоcalhost', is: 'host_not_allowed' },
    { host: '', is: 'host_not_allowed' },
  ])('"$host": $is', ({ host, is }) => {
    expect(verdict(withHeaders(['host', host]))).toBe(is)
  })

  test('no Host at all, as HTTP/1.0 allows', () => {
    expect(verdict(withHeaders())).toBe('host_not_allowed')
  })

  test('two Host headers, also when they agree', () => {
    expect(verdict(withHeaders(['host', 'localhost'], ['host', 'evil.example']))).toBe('bad_request')
    expect(verdict(withHeaders(['host', 'localhost'], ['host', 'localhost']))).toBe('bad_request')
  })

  test.each(['http://evil.example/mcp', 'http://localhost:3000/mcp', '*', 'localhost:443', 'mcp', ''])(
    'the request target %j is no path (C-047)',
    (target) => {
      expect(verdict(incoming({ target }))).toBe('bad_request')
    },
  )
})
