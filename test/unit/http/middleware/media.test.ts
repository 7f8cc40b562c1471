import { describe, expect, test } from '@jest/globals'
import { guardMedia } from '../../../../src/http/middleware/media.ts'
import { incoming, withHeaders } from '../incoming-request.ts'

const JSON_TYPE = ['content-type', 'application/json'] as const
const BOTH = ['accept', 'application/json, text/event-stream'] as const
const verdict = (...headers: (readonly [string, string])[]) => guardMedia(withHeaders(...headers), '')?.code ?? 'passes'

describe('guardMedia on Content-Type', () => {
  test.each<{ type: string; is: string }>([
    { type: 'application/json', is: 'passes' },
    { type: 'Application/JSON', is: 'passes' },
    { type: 'application/json;charset=utf-8', is: 'passes' },
    { type: 'application/json; charset=UTF-8', is: 'passes' },
    { type: 'application/json ; charset="utf-8"', is: 'passes' },
    { type: 'application/json; charset=utf-16', is: 'unsupported_media_type' },
    { type: 'application/json; charset=iso-8859-1', is: 'unsupported_media_type' },
    { type: 'application/json, text/plain', is: 'unsupported_media_type' },
    { type: 'application/json-patch+json', is: 'unsupported_media_type' },
    { type: 'application/jsonx', is: 'unsupported_media_type' },
    { type: 'text/json', is: 'unsupported_media_type' },
    { type: 'text/plain', is: 'unsupported_media_type' },
    { type: 'text/plain; application/json', is: 'unsupported_media_type' },
    { type: 'application/x-www-form-urlencoded', is: 'unsupported_media_type' },
    { type: 'multipart/form-data; boundary=x', is: 'unsupported_media_type' },
    { type: '', is: 'unsupported_media_type' },
  ])('"$type": $is', ({ type, is }) => {
    expect(verdict(['content-type', type], BOTH)).toBe(is)
  })

  test('none at all (C-033)', () => {
    expect(verdict(BOTH)).toBe('unsupported_media_type')
  })

  test.each<{ encoding: string; is: string }>([
    { encoding: 'identity', is: 'passes' },
    { encoding: 'IDENTITY', is: 'passes' },
    { encoding: 'gzip', is: 'unsupported_media_type' },
    { encoding: 'identity, gzip', is: 'unsupported_media_type' },
    { encoding: '', is: 'unsupported_media_type' },
  ])('Content-Encoding "$encoding": $is (C-029)', ({ encoding, is }) => {
    expect(verdict(JSON_TYPE, BOTH, ['content-encoding', encoding])).toBe(is)
  })
})

describe('guardMedia on Accept', () => {
  test.each<{ accept: string[]; is: string }>([
    { accept: ['application/json, text/event-stream'], is: 'passes' },
    { accept: ['text/event-stream,application/json'], is: 'passes' },
    { accept: ['application/json', 'text/event-stream'], is: 'passes' },
    { accept: ['Application/JSON, Text/Event-Stream'], is: 'passes' },
    { accept: ['*/*'], is: 'passes' },
    { accept: ['application/*, text/*'], is: 'passes' },
    { accept: ['text/html, */*;q=0.1'], is: 'passes' },
    { accept: ['application/json;q=0.5, text/event-stream;q=0.001'], is: 'passes' },
    { accept: ['*/*;q=0, application/json, text/event-stream'], is: 'passes' },
    { accept: [], is: 'not_acceptable' },
    { accept: [''], is: 'not_acceptable' },
    { accept: ['application/json'], is: 'not_acceptable' },
    { accept: ['text/event-stream'], is: 'not_acceptable' },
    { accept: ['application/*'], is: 'not_acceptable' },
    { accept: ['text/html'], is: 'not_acceptable' },
    { accept: ['*/*;q=0'], is: 'not_acceptable' },
    { accept: ['*/*; q=0.000'], is: 'not_acceptable' },
    { accept: ['application/json;q=0, text/event-stream'], is: 'not_acceptable' },
    { accept: ['application/json;Q=0.0, text/event-stream'], is: 'not_acceptable' },
    { accept: ['application/json;q=0, */*'], is: 'not_acceptable' },
    { accept: ['text/*;q=0, */*'], is: 'not_acceptable' },
    { accept: ['application/jsonx, text/event-stream'], is: 'not_acceptable' },
  ])('$accept: $is (C-034)', ({ accept, is }) => {
    expect(verdict(JSON_TYPE, ...accept.map((value) => ['accept', value] as const))).toBe(is)
  })
})

test.each(['GET', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'])('guardMedia leaves %s to who knows the caller', (httpMethod) => {
  expect(guardMedia(incoming({ httpMethod, headers: [] }), '')).toBeUndefined()
})
