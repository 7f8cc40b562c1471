import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { gunzipOne, gzipStored } from '../../../../src/pap/bundle/gzip.ts'

describe('what is stored', () => {
  const sizes = [0, 1, 65_534, 65_535, 65_536, 200_000]
  test.each(sizes)('%d bytes are read by zlib and here', async (size) => {
    const content = new Uint8Array(size).map((_, index) => index % 251)
    const stored = gzipStored(content)
    expect(Buffer.compare(gunzipSync(stored), content)).toBe(0)
    const read = await gunzipOne(stored, size + 1)
    expect(read.ok && Buffer.compare(read.value, content)).toBe(0)
  })

  test('is the same on every machine', () => {
    expect(Buffer.from(gzipStored(new TextEncoder().encode('ab'))).toString('hex')).toBe(
      '1f8b08000000000000ff010200fdff61626d48839e02000000',
    )
  })
})

describe('what is refused', () => {
  const packed = gzipSync('x'.repeat(10_000))
  const cases: readonly { name: string; packed: Uint8Array; error: string }[] = [
    { name: 'no gzip', packed: new Uint8Array(10), error: 'is no whole gzip archive' },
    { name: 'nothing', packed: new Uint8Array(0), error: 'is no whole gzip archive' },
    { name: 'a part', packed: packed.subarray(0, -1), error: 'is no whole gzip archive' },
    { name: 'a bomb', packed: gzipSync(new Uint8Array(100_000)), error: 'is larger than 20000 bytes once unpacked' },
    { name: 'more behind it', packed: Buffer.concat([packed, Buffer.from('more')]), error: 'is no whole gzip archive' },
    { name: 'zeros behind it', packed: Buffer.concat([packed, new Uint8Array(9)]), error: 'has data after its end' },
    { name: 'a second archive', packed: Buffer.concat([packed, gzipSync('y')]), error: 'has data after its end' },
  ]
  test.each(cases)('$name', async ({ packed, error }) => {
    expect(await gunzipOne(packed, 20_000)).toEqual({ ok: false, error })
  })

  test('a changed byte', async () => {
    const damaged = Uint8Array.from(packed)
    damaged[20] = (damaged[20] ?? 0) ^ 1
    expect(await gunzipOne(damaged, 20_000)).toMatchObject({ ok: false })
  })
})
