import { expect, test } from '@jest/globals'
import { thrownText } from '../../../src/lib/thrown-text.ts'

test.each([
  ['an error', new Error('no such file'), 'no such file'],
  ['a text', 'opa_abort', 'opa_abort'],
  ['an object with a message', { message: 'aborted' }, 'aborted'],
  ['a number', 7, '7'],
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object without a prototype', Object.create(null), 'something that cannot be printed'],
  [
    'an object whose message cannot be read',
    {
      get message() {
        throw new Error('not for you')
      },
    },
    'something that cannot be printed',
  ],
])('puts %s in words', (_, thrown, text) => {
  expect(thrownText(thrown)).toBe(text)
})
