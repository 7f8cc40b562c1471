import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemTimer } from '../../src/lib/deadline.ts'
import { ok } from '../../src/lib/result.ts'
import { createPace } from '../../src/pap/source/backoff.ts'
import { createClient } from '../../src/pap/source/client.ts'
import { createDirectorySource } from '../../src/pap/source/directory.ts'
import { createDownload } from '../../src/pap/source/download.ts'
import { createFileSource } from '../../src/pap/source/file.ts'
import { createHttpSource } from '../../src/pap/source/http.ts'
import { openBundleServer } from './bundle-server.ts'
import { atOnce, type Ground, testPolicySource } from './policy-source.ts'

const newFolder = () => mkdtemp(join(tmpdir(), 'portcullis-source-'))

testPolicySource('a policy folder', async (): Promise<Ground> => {
  const dir = join(await newFolder(), 'policies')
  const file = join(dir, 'mcp/main/main.rego')
  return {
    source: createDirectorySource({
      dir,
      pack: async (folder) => ok(await readFile(join(folder, 'mcp/main/main.rego'))),
      timer: systemTimer,
    }),
    put: async (content) => {
      await mkdir(join(dir, 'mcp/main'), { recursive: true })
      await writeFile(file, content)
    },
    take: () => rm(dir, { recursive: true }),
    close: () => rm(join(dir, '..'), { recursive: true, force: true }),
  }
})

testPolicySource('a bundle in a file', async (): Promise<Ground> => {
  const dir = await newFolder()
  const file = join(dir, 'bundle.tar.gz')
  return {
    source: createFileSource({ file, maxBytes: 100, timer: systemTimer }),
    put: async (content) => {
      await writeFile(join(dir, 'new'), content)
      await rename(join(dir, 'new'), file)
    },
    take: () => rm(file),
    close: () => rm(dir, { recursive: true, force: true }),
  }
})

for (const kind of ['opa', 'files'] as const) {
  testPolicySource(
    `a URL of a server of ${kind === 'opa' ? "OPA's bundles" : 'plain files'}`,
    async (): Promise<Ground> => {
      const server = await openBundleServer(kind)
      const download = createDownload({
        url: new URL(server.url),
        dispatcher: createClient({}),
        token: async () => ok(undefined),
        maxBytes: 100,
        timeoutMs: 60_000,
        // a deadline that never comes
        timer: () => () => undefined,
      })
      const pace = createPace({ minMs: 1000, maxMs: 2000, random: () => 0 })
      return {
        source: createHttpSource({
          location: server.url,
          download,
          pace,
          waitSeconds: 60,
          timer: atOnce,
          now: () => 0,
        }),
        put: async (content) => server.put(Buffer.from(content)),
        take: async () => {
          server.put(undefined)
        },
        close: server.close,
      }
    },
  )
}
