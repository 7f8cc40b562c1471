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

/** As a deployment does it: the new folder is complete before the old one goes. */
async function swapFolder(dir: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const [next, before] = [`${dir}.next`, `${dir}.before`]
  await fill(next)
  await rm(before, { recursive: true, force: true })
  await rename(dir, before)
  await rename(next, dir)
}

async function writePolicy(dir: string, content: string): Promise<void> {
  await mkdir(join(dir, 'mcp/main'), { recursive: true })
  await writeFile(join(dir, 'mcp/main/main.rego'), content)
}

testPolicySource('a policy folder', async (): Promise<Ground> => {
  const dir = join(await newFolder(), 'policies')
  return {
    source: createDirectorySource({
      dir,
      pack: async (folder) => ok(await readFile(join(folder, 'mcp/main/main.rego'))),
      timer: systemTimer,
    }),
    put: (content) => writePolicy(dir, content),
    replace: (content) => swapFolder(dir, (next) => writePolicy(next, content)),
    take: () => rm(dir, { recursive: true }),
    close: () => rm(join(dir, '..'), { recursive: true, force: true }),
  }
})

testPolicySource('a bundle in a file', async (): Promise<Ground> => {
  const dir = join(await newFolder(), 'bundles')
  await mkdir(dir)
  const file = join(dir, 'bundle.tar.gz')
  return {
    source: createFileSource({ file, maxBytes: 100, timer: systemTimer }),
    put: async (content) => {
      await writeFile(join(dir, 'new'), content)
      await rename(join(dir, 'new'), file)
    },
    replace: (content) =>
      swapFolder(dir, async (next) => {
        await mkdir(next)
        await writeFile(join(next, 'bundle.tar.gz'), content)
      }),
    take: () => rm(file),
    close: () => rm(join(dir, '..'), { recursive: true, force: true }),
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
        replace: async (content) => server.put(Buffer.from(content)),
        take: async () => {
          server.put(undefined)
        },
        close: server.close,
      }
    },
  )
}
