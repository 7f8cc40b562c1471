import { promisify } from 'node:util'
import { crc32, gunzip } from 'node:zlib'
import { err, ok, type Result } from '../../lib/result.ts'

const unzip = promisify(gunzip)

/** Each takes a turn of the event loop: with zlib's 16 KB a busy server was not done with a bomb of 80 MB in 10 s (measured). */
const CHUNK = 2 ** 20
const TOO_LARGE = 'ERR_BUFFER_TOO_LARGE'
const MAX_STORED = 0xffff
/** No flags, no time; 255 names no operating system (RFC 1952). */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)

/**
 * A gzip stream of stored blocks (RFC 1951 3.2.4). What zlib compresses differs between its versions and
 * between processors, so that one policy would have other bytes, another digest and another signature elsewhere.
 */
export function gzipStored(content: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [HEADER]
  for (let at = 0; at === 0 || at < content.byteLength; at += MAX_STORED) {
    const stored = content.subarray(at, at + MAX_STORED)
    const block = Buffer.alloc(5)
    block.writeUInt8(at + MAX_STORED >= content.byteLength ? 1 : 0, 0)
    block.writeUInt16LE(stored.byteLength, 1)
    block.writeUInt16LE(stored.byteLength ^ 0xffff, 3)
    parts.push(block, stored)
  }
  return Buffer.concat([...parts, trailerOf(content)])
}

/** The content of exactly one gzip stream, if it is not larger than `maxBytes`. */
export async function gunzipOne(packed: Uint8Array, maxBytes: number): Promise<Result<Uint8Array, string>> {
  try {
    const content = await unzip(packed, { maxOutputLength: maxBytes, chunkSize: CHUNK })
    return trailerOf(content).equals(packed.subarray(-8)) ? ok(content) : err('has data after its end')
  } catch (thrown) {
    const isTooLarge = typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === TOO_LARGE
    return err(isTooLarge ? `is larger than ${maxBytes} bytes once unpacked` : 'is no whole gzip archive')
  }
}

function trailerOf(content: Uint8Array): Buffer {
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc32(content), 0)
  trailer.writeUInt32LE(content.byteLength % 2 ** 32, 4)
  return trailer
}
