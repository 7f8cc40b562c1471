import type { Incoming } from '../../../src/http/incoming.ts'

type Header = readonly [name: string, value: string]

/** A good request to the MCP endpoint; a test changes one thing. */
export const incoming = (change: Partial<Incoming> = {}): Incoming => ({
  httpMethod: 'POST',
  target: '/mcp',
  headers: [
    ['host', 'localhost:3000'],
    ['content-type', 'application/json'],
    ['accept', 'application/json, text/event-stream'],
  ],
  peer: '127.0.0.1',
  request: new Request('http://localhost:3000/mcp', { method: 'POST' }),
  ...change,
})

export const withHeaders = (...headers: readonly Header[]): Incoming => incoming({ headers })
