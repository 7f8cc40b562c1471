import { Header, Parser, type ReadEntry } from 'tar'
import { err, ok, type Result } from '../../lib/result.ts'
import { thrownText } from '../../lib/thrown-text.ts'
import { gzipStored } from './gzip.ts'

const MAX_ENTRIES = 10_000
const MAX_PATH = 1_024
const BLOCK = 512
/** Files, folders, and the two ways to write a long path. The parser would pass over what it does not know. */
const HEADERS: ReadonlySet<string> = new Set(['File', 'OldFile', 'Directory', 'ExtendedHeader', 'NextFileHasLongPath'])
/** How gzip and zstd begin. */
const PACKED = [Buffer.of(0x1f, 0x8b), Buffer.of(0x28, 0xb5, 0x2f, 0xfd)]

/** The regular files of a tar archive by path, without the leading `/` that OPA writes. */
export function readArchive(bytes: Uint8Array): Result<ReadonlyMap<string, Uint8Array>, string> {
  const files = new Map<string, Uint8Array>()
  const names = createNames()
  const faults: string[] = []

  function take(entry: ReadEntry): void {
    const path = entry.path.replace(/^\//, '')
    const fault = entryFault(entry, path) ?? names.add(path, entry.type === 'Directory')
    if (fault !== undefined) faults.push(fault)
    if (faults.length > 0 || entry.type === 'Directory') {
      entry.resume()
      return
    }
    const chunks: Uint8Array[] = []
    entry.on('data', (chunk) => chunks.push(chunk))
    entry.on('end', () => files.set(path, new Uint8Array(Buffer.concat(chunks))))
  }

  try {
    const frame = frameFault(bytes)
    if (frame !== undefined) return err(`is refused: ${frame}`)
    const parser = new Parser({ strict: true, onReadEntry: take })
    parser.on('error', (error) => faults.push(thrownText(error)))
    parser.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  } catch (thrown) {
    faults.push(thrownText(thrown))
  }
  return faults[0] === undefined ? ok(files) : err(`is refused: ${faults[0]}`)
}

function entryFault(entry: ReadEntry, path: string): string | undefined {
  const name = JSON.stringify(entry.path.slice(0, MAX_PATH))
  if (path.length > MAX_PATH) return `${name} is a path of more than ${MAX_PATH} characters`
  const segments = path.replace(/\/$/, '').split('/')
  if (/[\\\p{Cc}\ufffd]/u.test(path) || !path.isWellFormed()) return `${name} has a character that no path has`
  // `.` alone is what tar calls the folder it was made from.
  const isPlain = segments.every((segment) => segment !== '' && segment !== '..' && segment !== '.')
  return isPlain || (entry.type === 'Directory' && segments.every((segment) => segment === '.' || segment === ''))
    ? undefined
    : `${name} leads elsewhere`
}

/** The names so far, as a file system that knows no case tells them apart. */
function createNames(): { readonly add: (path: string, isFolder: boolean) => string | undefined } {
  const files = new Map<string, string>()
  const folders = new Set<string>()
  let entries = 0

  return {
    add(path, isFolder) {
      entries++
      if (entries > MAX_ENTRIES) return `more than ${MAX_ENTRIES} entries`
      const name = path.replace(/\/$/, '').normalize('NFC').toLowerCase()
      const other = files.get(name)
      if (other === path) return `${path} stands in it twice`
      if (other !== undefined) return `${other} and ${path} are one file where case does not count`
      const segments = name.split('/')
      const parents = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'))
      const asFile = parents.find((parent) => files.has(parent))
      if (asFile !== undefined || (!isFolder && folders.has(name))) return `${asFile ?? name} is a file and a folder`
      for (const parent of parents) folders.add(parent)
      if (isFolder) folders.add(name)
      else files.set(name, path)
      return undefined
    },
  }
}

/** What a reader that stops early or skips over damage would not notice. */
function frameFault(bytes: Uint8Array): string | undefined {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The parser would unpack these without a bound, and a header can be made that passes for both.
  if (PACKED.some((magic) => archive.subarray(0, magic.length).equals(magic))) return 'a packed archive in it'
  let at = 0
  while (at + BLOCK <= archive.length) {
    const header = new Header(archive, at)
    if (header.nullBlock) return archive.subarray(at).some((byte) => byte !== 0) ? 'data after its end' : undefined
    if (!header.cksumValid) return `no entry of a bundle at byte ${at}`
    if (!HEADERS.has(header.type)) return `${JSON.stringify(header.path)} is a ${header.type}`
    const size = header.size ?? 0
    if (!Number.isSafeInteger(size) || size < 0) return `no size of an entry at byte ${at}`
    at += BLOCK * (1 + Math.ceil(size / BLOCK))
  }
  return 'its end is missing'
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
  return gzipStored(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]))
}
