import { describe, expect, test } from '@jest/globals'
import { isAccepted } from '../../../src/pip/token-audience.ts'

const OURS = 'https://mcp.example.com/mcp'

describe('one name of a resource', () => {
  test.each<{ name: string; audience: string | readonly string[]; accepted?: readonly string[] }>([
    { name: 'as configured', audience: OURS },
    { name: 'scheme and host in upper case', audience: 'HTTPS://MCP.Example.COM/mcp' },
    { name: 'the default port', audience: 'https://mcp.example.com:443/mcp' },
    { name: 'configured with the default port', audience: OURS, accepted: ['https://mcp.example.com:443/mcp'] },
    { name: 'an empty path', audience: 'https://mcp.example.com', accepted: ['https://mcp.example.com/'] },
    { name: 'the root', audience: 'https://mcp.example.com/', accepted: ['https://mcp.example.com'] },
    { name: 'an address', audience: 'http://[2001:DB8::1]:3000/mcp', accepted: ['http://[2001:db8::1]:3000/mcp'] },
    { name: 'B-032 among others', audience: ['https://other.example', OURS] },
    { name: 'one of several of ours', audience: 'api://portcullis', accepted: [OURS, 'api://portcullis'] },
    {
      name: 'no URL at all',
      audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      accepted: ['6e74172b-be56-4843-9ff4-e66a39bb12e3'],
    },
  ])('$name', ({ audience, accepted = [OURS] }) => {
    expect(isAccepted(audience, accepted)).toBe(true)
  })
})

describe('another name', () => {
  test.each<{ name: string; audience: string | readonly string[]; accepted?: readonly string[] }>([
    { name: 'none', audience: [] },
    { name: 'the empty one', audience: '' },
    { name: 'B-032 one that ours begins with', audience: 'https://mcp.example.com/mc' },
    { name: 'B-032 one that begins with ours', audience: `${OURS}/x` },
    { name: 'a slash at the end', audience: `${OURS}/` },
    { name: 'the root of ours', audience: 'https://mcp.example.com' },
    { name: 'the path in upper case', audience: 'https://mcp.example.com/MCP' },
    { name: 'the path with an escape', audience: 'https://mcp.example.com/%6dcp' },
    { name: 'the path with dots', audience: 'https://mcp.example.com/x/../mcp' },
    { name: 'a query', audience: `${OURS}?x` },
    { name: 'a fragment', audience: `${OURS}#` },
    { name: 'plain http', audience: 'http://mcp.example.com/mcp' },
    { name: 'another port', audience: 'https://mcp.example.com:8443/mcp' },
    { name: 'the default port of http', audience: 'https://mcp.example.com:80/mcp' },
    { name: 'a user', audience: 'https://mcp.example.com@evil.example/mcp' },
    { name: 'a user before ours', audience: 'https://evil@mcp.example.com/mcp' },
    { name: 'a host that begins with ours', audience: 'https://mcp.example.com.evil.example/mcp' },
    { name: 'a host with a dot at the end', audience: 'https://mcp.example.com./mcp' },
    { name: 'letters that only look like ours', audience: 'https://mcp.ex\u0430mple.com/mcp' },
    { name: 'letters that fold into ours', audience: 'https://\uff4dcp.example.com/mcp' },
    { name: 'the Kelvin sign', audience: 'https://\u212aeys.example/mcp', accepted: ['https://keys.example/mcp'] },
    { name: 'a space', audience: ` ${OURS}` },
    { name: 'ours in a list in a string', audience: `${OURS} https://other.example` },
    { name: 'a name in upper case', audience: 'API://Portcullis', accepted: ['api://portcullis'] },
  ])('$name', ({ audience, accepted = [OURS] }) => {
    expect(isAccepted(audience, accepted)).toBe(false)
  })
})
