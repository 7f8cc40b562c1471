import { expect, test } from '@jest/globals'
import { isLoopback, isSecure } from '../../../src/lib/loopback.ts'

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['[::1]', true],
  ['128.0.0.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
  ['', false],
])('%s is this machine: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})

test.each([
  ['https://mcp.example.com', true],
  ['http://127.0.0.1:3000', true],
  ['http://[::1]:3000', true],
  ['http://mcp.example.com', false],
  ['ftp://localhost', false],
])('what %s carries is safe: %s', (url, expected) => {
  expect(isSecure(new URL(url))).toBe(expected)
})
