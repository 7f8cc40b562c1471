import { describe, expect, test } from '@jest/globals'
import { createLineWriter, type WriteOnce } from '../../../../src/audit/sinks/descriptor.ts'

/** A descriptor that takes what each step says: a number of bytes, or an error. */
const createDevice = (steps: readonly (number | string)[]) => {
  const taken: Buffer[] = []
  const rest = [...steps]
  const write: WriteOnce = async (bytes) => {
    const step = rest.shift() ?? bytes.length
    if (typeof step === 'string') throw new Error(step)
    taken.push(Buffer.from(bytes.subarray(0, step)))
    return Math.min(step, bytes.length)
  }
  return { write, text: () => Buffer.concat(taken).toString() }
}

describe('createLineWriter', () => {
  test('goes on after a short write, also within a character', async () => {
    const device = createDevice([3, 1, 2])
    expect(await createLineWriter(device.write, false)('"é😀"\n')).toBe(9)
    expect(device.text()).toBe('"é😀"\n')
  })

  test('a write that failed in the middle of a line is followed by a new line (G-006)', async () => {
    const device = createDevice([5, 'ENOSPC', 0, 'ENOSPC'])
    const write = createLineWriter(device.write, false)
    await expect(write('{"a":1}\n')).rejects.toThrow('ENOSPC')
    await write('{"b":2}\n').catch(() => undefined)
    await write('{"c":3}\n')
    await write('{"d":4}\n')
    expect(device.text()).toBe('{"a":\n{"c":3}\n{"d":4}\n')
  })

  test('a write that failed between lines, or before any byte, is followed by none', async () => {
    const device = createDevice(['EIO', 8, 'EIO'])
    const write = createLineWriter(device.write, false)
    await expect(write('{"a":1}\n')).rejects.toThrow('EIO')
    await expect(write('{"a":1}\n{"b":2}\n')).rejects.toThrow('EIO')
    await write('{"c":3}\n')
    expect(device.text()).toBe('{"a":1}\n{"c":3}\n')
  })

  test('begins on a new line when told to', async () => {
    const device = createDevice([])
    expect(await createLineWriter(device.write, true)('{"a":1}\n')).toBe(9)
    expect(device.text()).toBe('\n{"a":1}\n')
  })
})
