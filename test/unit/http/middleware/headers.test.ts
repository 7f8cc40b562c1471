import { describe, expect, test } from '@jest/globals'
import { guardHeaders } from '../../../../src/http/middleware/headers.ts'
import { withHeaders } from '../incoming-request.ts'

const guard = guardHeaders({ count: 4, bytes: 20 })
const verdict = (...headers: [string, string][]) => guard(withHeaders(...headers), '')?.code ?? 'passes'
const many = (count: number): [string, string][] => Array.from({ length: count }, (_, at) => [`h${at}`, ''])

describe('guardHeaders', () => {
  test('counts them', () => {
    expect(verdict(...many(4))).toBe('passes')
    expect(verdict(...many(5))).toBe('headers_too_large')
  })

  test('adds up the bytes of names and values', () => {
    expect(verdict(['abcde', 'x'.repeat(10)], ['abc', 'de'])).toBe('passes')
    expect(verdict(['abcde', 'x'.repeat(10)], ['abc', 'def'])).toBe('headers_too_large')
  })

  test('too large comes before malformed', () => {
    expect(verdict(['mcp-name', 'a'], ['mcp-name', 'bcdef'])).toBe('headers_too_large')
  })

  const roomy = guardHeaders({ count: 100, bytes: 16_384 })
  test.each([
    'content-type',
    'content-length',
    'content-encoding',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
    'mcp-param-region',
    'mcp-session-id',
  ])('%s twice is malformed, also when both agree', (name) => {
    expect(roomy(withHeaders([name, 'a']), '')).toBeUndefined()
    expect(roomy(withHeaders([name, 'a'], [name, 'b']), '')).toEqual({ code: 'bad_request' })
    expect(roomy(withHeaders([name, 'a'], [name, 'a']), '')).toEqual({ code: 'bad_request' })
  })

  test.each(['authorization', 'accept', 'x-forwarded-for', 'cookie', 'via'])('%s may come twice', (name) => {
    expect(roomy(withHeaders([name, 'a'], [name, 'b']), '')).toBeUndefined()
  })

  test.each(['chunked', 'Chunked'])('Transfer-Encoding %s is the only one', (value) => {
    expect(roomy(withHeaders(['transfer-encoding', value]), '')).toBeUndefined()
    expect(roomy(withHeaders(['transfer-encoding', value], ['transfer-encoding', value]), '')).toEqual({
      code: 'bad_request',
    })
  })

  test.each(['gzip, chunked', 'chunked, chunked', 'identity', 'xchunked', ''])(
    'Transfer-Encoding %p is none',
    (value) => {
      expect(roomy(withHeaders(['transfer-encoding', value]), '')).toEqual({ code: 'bad_request' })
    },
  )
})
