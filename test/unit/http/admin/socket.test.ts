import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Hono } from 'hono'
import { type AdminSocket, listenOnSocket } from '../../../../src/http/admin/socket.ts'
import type { Environment } from '../../../../src/http/environment.ts'

const app = new Hono<Environment>()
app.get('/', (c) => c.text('here'))

let folder: string
const opened: AdminSocket[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-socket-'))
})
afterEach(async () => {
  for (const socket of opened.splice(0)) await socket.close()
  await rm(folder, { recursive: true })
})

async function open(path: string) {
  const socket = await listenOnSocket(app, path)
  if (socket.ok) opened.push(socket.value)
  return socket.ok ? 'open' : socket.error
}
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

const get = (socketPath: string): Promise<string> =>
  new Promise((resolve) => {
    request({ socketPath, path: '/' }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      .end()
  })

describe('the socket of administration', () => {
  test('answers, and is closed to other users like the folder that is made for it', async () => {
    const path = join(folder, 'state', 'admin.sock')
    expect(await open(path)).toBe('open')
    expect([await get(path), await modeOf(path), await modeOf(join(folder, 'state'))]).toEqual(['here', '600', '700'])
  })

  test('is gone when it is closed', async () => {
    const path = join(folder, 'admin.sock')
    await open(path)
    await opened.pop()?.close()
    expect(await get(path)).toBe('ENOENT')
  })

  test('is not taken from a server that answers', async () => {
    const path = join(folder, 'admin.sock')
    await open(path)
    expect(await open(path)).toEqual({ kind: 'occupied', message: `another server listens on ${path}` })
    expect(await get(path)).toBe('here')
  })

  test('is taken over from a process that was killed', async () => {
    const path = join(folder, 'admin.sock')
    const killed = createServer()
    await new Promise<void>((resolve) => killed.listen(join(folder, 'left'), resolve))
    await rename(join(folder, 'left'), path)
    await new Promise((resolve) => killed.close(resolve))
    expect(await get(path)).toBe('ECONNREFUSED')
    expect(await open(path)).toBe('open')
    expect(await get(path)).toBe('here')
  })

  test('is not put in a folder that others can enter', async () => {
    await chmod(folder, 0o750)
    expect(await open(join(folder, 'admin.sock'))).toEqual({
      kind: 'unusable',
      message: `${folder} is open to other users; run: chmod 700 ${folder}`,
    })
  })

  test('does not replace a file', async () => {
    const path = join(folder, 'admin.sock')
    await writeFile(path, 'mine')
    expect(await open(path)).toEqual({ kind: 'unusable', message: `${path} is no socket; remove it` })
  })

  test('needs a path that a socket can have', async () => {
    const path = join(folder, 'x'.repeat(100))
    expect(await open(path)).toEqual({
      kind: 'unusable',
      message: `${path} is longer than 103 bytes; name a shorter path`,
    })
  })

  test('needs a folder that can be made', async () => {
    await mkdir(join(folder, 'a'))
    await writeFile(join(folder, 'a', 'file'), '')
    const path = join(folder, 'a', 'file', 'admin.sock')
    expect(await open(path)).toEqual({
      kind: 'unusable',
      message: `${path} cannot be listened on (EEXIST); name a path in a folder of your own`,
    })
  })
})
