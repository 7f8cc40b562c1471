import { isUtf8 } from 'node:buffer'
import { Type } from 'typebox'
import { ok } from '../lib/result.ts'
import { defineTool, WorkspacePath } from './define.ts'

const MAX_LENGTH = 1024 * 1024
/** Refused before anything is read, whatever the range. */
const MAX_FILE_BYTES = 64 * 1024 * 1024

/** Without a UTF-8 character cut off at the end. */
const wholeCharacters = (bytes: Uint8Array): Uint8Array => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needed > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

type Encoding = 'utf8' | 'base64'

/** Base64 where text was asked for and there is none: a replacement character would be a lie. */
const encode = (bytes: Uint8Array, encoding: Encoding, isEnd: boolean) => {
  const text = isEnd ? bytes : wholeCharacters(bytes)
  const isText = encoding === 'utf8' && isUtf8(text) && (text.length > 0 || bytes.length === 0)
  const taken = isText ? text : bytes
  const used: Encoding = isText ? 'utf8' : 'base64'
  const content = Buffer.from(taken.buffer, taken.byteOffset, taken.length).toString(used)
  return { content, encoding: used, taken: taken.length }
}

export const readFile = defineTool({
  name: 'readFile',
  title: 'Read a file',
  description:
    'Reads a file of the workspace, at most 1 MiB at a time. When next_offset is present there is more: call again with offset set to it. Content that is not UTF-8 comes as base64.',
  input: Type.Object(
    {
      path: WorkspacePath,
      encoding: Type.Optional(
        Type.Enum(['utf8', 'base64'], { type: 'string', default: 'utf8', description: 'How to encode the content' }),
      ),
      offset: Type.Optional(
        Type.Integer({ minimum: 0, maximum: MAX_FILE_BYTES, default: 0, description: 'First byte to read' }),
      ),
      length: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LENGTH, description: 'Bytes to read' })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object(
    {
      content: Type.String(),
      encoding: Type.Enum(['utf8', 'base64'], { type: 'string' }),
      size: Type.Integer({ minimum: 0, description: 'Bytes of the whole file' }),
      next_offset: Type.Optional(Type.Integer({ minimum: 1, description: 'Where to go on; absent at the end' })),
    },
    { additionalProperties: false },
  ),
  readOnly: true,
  tags: ['files'],
  workspace: true,
  paths: { '/path': 'read' },
  run: async ({ path, encoding = 'utf8', offset = 0, length = MAX_LENGTH }, { workspace }) => {
    const read = await workspace.read(path, { offset, length, limit: MAX_FILE_BYTES })
    if (!read.ok) return read
    const { bytes, size } = read.value
    const { taken, ...content } = encode(bytes, encoding, offset + bytes.length >= size)
    const end = offset + taken
    return ok({ ...content, size, ...(end < size && taken > 0 ? { next_offset: end } : {}) })
  },
})
