import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Compile } from 'typebox/compile'
import { writeFile } from '../../../src/tools/write-file.ts'
import { capabilities, resultOf } from './running.ts'
import { createFixture, type Fixture, faultOf, readText } from './workspace/fixture.ts'

describe('writeFile', () => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await createFixture({ 'a.txt': 'old' })
  })
  afterEach(async () => fixture.remove())

  const write = (args: Parameters<typeof writeFile.run>[0]) =>
    resultOf(writeFile.run(args, capabilities(fixture.everything)))

  test('writes text and base64', async () => {
    expect(await write({ path: 'b', content: 'é' })).toEqual({ ok: true, value: { bytes: 2, created: true } })
    expect(await readText(fixture.everything, 'b')).toBe('é')
    const binary = { path: 'b', content: '/w==', encoding: 'base64', overwrite: true } as const
    expect(await write(binary)).toEqual({ ok: true, value: { bytes: 1, created: false } })
    expect(await fixture.everything.read('b', { offset: 0, length: 9, limit: 9 })).toEqual({
      ok: true,
      value: { bytes: Buffer.from([0xff]), size: 1 },
    })
  })

  test('does not replace a file unasked', async () => {
    expect(await write({ path: 'a.txt', content: 'new' })).toEqual(faultOf('already_exists'))
    expect(await readText(fixture.everything, 'a.txt')).toBe('old')
  })

  test('takes 1 MiB and not a byte more', async () => {
    const content = 'x'.repeat(2 ** 20)
    expect(await write({ path: 'b', content })).toEqual({ ok: true, value: { bytes: 2 ** 20, created: true } })
    expect(await write({ path: 'c', content: `${content}x` })).toEqual(faultOf('too_large'))
  })

  const inputs: readonly (readonly [args: object, isValid: boolean])[] = [
    [{ content: 'not base64!' }, true],
    [{ content: '/w==', encoding: 'base64' }, true],
    [{ content: '', encoding: 'base64' }, true],
    [{ content: '/w=', encoding: 'base64' }, false],
    [{ content: '_w==', encoding: 'base64' }, false],
    [{ content: 'not base64!', encoding: 'base64' }, false],
    [{ content: '', encoding: 'latin1' }, false],
    [{ content: '', mode: 0o777 }, false],
    [{}, false],
  ]
  test.each(inputs)('arguments %j: %s', (args, isValid) => {
    expect(Compile(writeFile.input).Check({ path: 'b', ...args })).toBe(isValid)
  })
})
