import { gzipSync } from 'node:zlib'
import { Header, type HeaderData } from 'tar'

/** An archive with an entry before all others. */
export function withHeader(archive: Buffer, entry: HeaderData): Buffer {
  const block = Buffer.alloc(512)
  new Header({ size: 0, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, type: 'File', ...entry }).encode(block)
  return Buffer.concat([block, archive])
}

/** Little that becomes much: more than any bundle may be, in a stream that is whole. */
export const unpackable = (): Uint8Array => gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 1 })
