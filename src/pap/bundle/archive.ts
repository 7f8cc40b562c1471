import { gzipSync } from 'node:zlib'
import { Header, Parser, type ReadEntry } from 'tar'
import { err, ok, type Result } from '../../lib/result.ts'
import { thrownText } from '../../pdp/sdk.ts'

const MAX_ENTRIES = 10_000
const BLOCK = 512

/** The regular files of a tar archive by path, without the leading `/` that OPA writes. */
export function readArchive(bytes: Uint8Array): Result<ReadonlyMap<string, Uint8Array>, string> {
  const files = new Map<string, Uint8Array>()
  const faults: string[] = []

  function take(entry: ReadEntry): void {
    const path = entry.path.replace(/^\//, '')
    const fault =
      entryFault(entry, path) ?? (files.size >= MAX_ENTRIES ? `more than ${MAX_ENTRIES} entries` : undefined)
    const isNew = !files.has(path)
    if (fault !== undefined) faults.push(fault)
    else if (!isNew) faults.push(`${path} stands in it twice`)
    if (fault !== undefined || !isNew || entry.type === 'Directory') {
      entry.resume()
      return
    }
    const chunks: Uint8Array[] = []
    files.set(path, new Uint8Array())
    entry.on('data', (chunk) => chunks.push(chunk))
    entry.on('end', () => files.set(path, new Uint8Array(Buffer.concat(chunks))))
  }

  try {
    const parser = new Parser({ strict: true, onReadEntry: take })
    parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (thrown) {
    faults.push(thrownText(thrown))
  }
  return faults[0] === undefined ? ok(files) : err(`is refused: ${faults[0]}`)
}

function entryFault(entry: ReadEntry, path: string): string | undefined {
  const name = JSON.stringify(entry.path)
  if (entry.type !== 'File' && entry.type !== 'OldFile' && entry.type !== 'Directory')
    return `${name} is a ${entry.type}`
  const segments = path.replace(/\/$/, '').split('/')
  if (path.includes('\\') || path.includes('\0')) return `${name} has a character that no path has`
  // `.` alone is what tar calls the folder it was made from.
  const isPlain = segments.every((segment) => segment !== '' && segment !== '..' && segment !== '.')
  return isPlain || (entry.type === 'Directory' && segments.every((segment) => segment === '.' || segment === ''))
    ? undefined
    : `${name} leads elsewhere`
}

/** A gzipped tar whose bytes depend on paths and contents alone. */
export function writeArchive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const blocks: Uint8Array[] = []
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const header = new Header({
      path: `/${path}`,
      mode: 0o644,
      size: content.byteLength,
      type: 'File',
      mtime: new Date(0),
      uid: 0,
      gid: 0,
    })
    const block = Buffer.alloc(BLOCK)
    if (header.encode(block)) throw new Error(`the path ${path} is too long for a bundle`)
    blocks.push(block, content, Buffer.alloc((BLOCK - (content.byteLength % BLOCK)) % BLOCK))
  }
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 })
  // The tenth byte of a gzip stream names the operating system; 255 is "unknown".
  packed[9] = 255
  return packed
}
