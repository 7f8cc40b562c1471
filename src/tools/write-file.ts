import { Type } from 'typebox'
import { ok } from '../lib/result.ts'
import { fault } from '../model/fault.ts'
import { defineTool, WorkspacePath } from './define.ts'

const MAX_BYTES = 1024 * 1024

const isBase64 = (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

const WriteInput = Type.Object(
  {
    path: WorkspacePath,
    // Base64 is a third longer than what it stands for.
    content: Type.String({ maxLength: (MAX_BYTES / 3) * 4 + 4, description: 'At most 1 MiB' }),
    encoding: Type.Optional(
      Type.Enum(['utf8', 'base64'], { type: 'string', default: 'utf8', description: 'How content is encoded' }),
    ),
    overwrite: Type.Optional(Type.Boolean({ default: false, description: 'Replace a file that exists' })),
  },
  { additionalProperties: false },
)

export const writeFile = defineTool({
  name: 'writeFile',
  title: 'Write a file',
  description:
    'Writes a file of the workspace, as a whole or not at all. Its directory must exist. A file that exists is replaced only with overwrite: true.',
  input: Type.Refine(
    WriteInput,
    ({ encoding, content }) => encoding !== 'base64' || isBase64(content),
    () => 'with encoding base64, content must be base64 (RFC 4648, padded)',
  ),
  output: Type.Object(
    { bytes: Type.Integer({ minimum: 0 }), created: Type.Boolean() },
    { additionalProperties: false },
  ),
  readOnly: false,
  tags: ['files'],
  workspace: true,
  paths: { '/path': 'write' },
  payload: ['/content'],
  run: async ({ path, content, encoding = 'utf8', overwrite = false }, { workspace }) => {
    const bytes = Buffer.from(content, encoding)
    if (bytes.length > MAX_BYTES) return fault('too_large')
    const written = await workspace.write(path, bytes, { overwrite })
    return written.ok ? ok({ bytes: bytes.length, created: written.value.created }) : written
  },
})
