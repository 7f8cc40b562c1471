import { describe, expect, test } from '@jest/globals'
import { parseResourceUri, parseResourceUriTemplate } from '../../../src/lib/resource-uri.ts'

describe('parseResourceUri', () => {
  test.each([
    ['test://static-text', 'test://static-text', ['test', 'static-text', []]],
    ['TEST://Host/A', 'test://host/A', ['test', 'host', ['A']]],
    ['file:///docs/a.txt', 'file:///docs/a.txt', ['file', '', ['docs', 'a.txt']]],
    ['x://h:80/a%20b/%c3%a9/%41', 'x://h:80/a%20b/%C3%A9/A', ['x', 'h:80', ['a b', 'é', 'A']]],
    ['x://h/a:b@c,d;e=f&g', 'x://h/a:b@c,d;e=f&g', ['x', 'h', ['a:b@c,d;e=f&g']]],
  ] as const)('%s is %s', (text, canonical, [scheme, host, segments]) => {
    expect(parseResourceUri(text)).toEqual({ ok: true, value: { canonical, scheme, host, segments } })
    expect(parseResourceUri(canonical)).toMatchObject({ value: { canonical } })
  })

  test.each([
    '',
    'test',
    'urn:x',
    '://h',
    'file://',
    'file:///',
    'x://h/',
    'x://h//a',
    'x://h/./a',
    'x://h/../a',
    'x://h/%2e%2e/a',
    'x://h/a%2Fb',
    'x://h/a%00',
    'x://h/%ff',
    'x://h/%zz',
    'x://h/a b',
    'x://h/é',
    'x://u@h/a',
    'x://h/a?q',
    'x://h/a#f',
    'x://h\\a',
    ' x://h/a',
    `x://h/${'a'.repeat(5000)}`,
  ])('%j is refused, never resolved', (text) => {
    expect(parseResourceUri(text)).toMatchObject({ ok: false })
  })
})

describe('parseResourceUriTemplate', () => {
  const match = (template: string, text: string) => {
    const [parsed, uri] = [parseResourceUriTemplate(template), parseResourceUri(text)]
    if (!parsed.ok || !uri.ok) throw new Error('neither is read')
    return parsed.value.match(uri.value)
  }

  test.each([
    ['test://t/{id}/data', 'test://t/1%202/data', { id: '1 2' }],
    ['test://{host}/{id}', 'test://a/b', { host: 'a', id: 'b' }],
    ['test://t/{id}/data', 'test://t/1/date', undefined],
    ['test://t/{id}/data', 'test://t/1/2/data', undefined],
    ['test://t/{id}', 'tests://t/1', undefined],
    ['test://{host}/a', 'test:///a', undefined],
  ])('%s and %s: %j', (template, text, variables) => {
    expect(match(template, text)).toEqual(variables)
  })

  test.each([
    'test://t',
    'test://t/a{id}',
    'test://t/{id*}',
    'test://t{/id*}',
    'test://t/{a}/{a}',
    '{id}',
    'test:/t/{id}',
  ])('%s is no template of ours (CVE-2026-0621)', (template) => {
    expect(parseResourceUriTemplate(template)).toMatchObject({ ok: false })
  })
})
