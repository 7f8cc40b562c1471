import { chmod, lstat, mkdir, stat, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { errorCode } from '../../lib/error-code.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Environment } from '../environment.ts'

export type AdminSocket = { readonly close: () => Promise<void> }

export type SocketFault = {
  /** `occupied`: another server answers there. */
  readonly kind: 'occupied' | 'unusable'
  readonly message: string
}

/** `sun_path` has 108 bytes on Linux and 104 elsewhere, its end included. */
const MAX_PATH_BYTES = 103

/**
 * Listens on a Unix domain socket. Who may connect is a matter of the file system alone: the folder and the
 * socket are of this user, and closed to everybody else.
 */
export async function listenOnSocket(app: Hono<Environment>, path: string): Promise<Result<AdminSocket, SocketFault>> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return unusable(`${path} is longer than ${MAX_PATH_BYTES} bytes; name a shorter path`)
  }
  try {
    const free = await makeRoom(path)
    if (!free.ok) return free
    const server = createAdaptorServer({ fetch: app.fetch }) as Server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    // until here the folder alone kept others out
    await chmod(path, 0o600)
    return ok({ close: () => closeServer(server) })
  } catch (thrown) {
    return unusable(`${path} cannot be listened on (${errorCode(thrown)}); name a path in a folder of your own`)
  }
}

async function makeRoom(path: string): Promise<Result<void, SocketFault>> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(folder)
  if (process.getuid !== undefined && uid !== process.getuid()) {
    return unusable(`${folder} belongs to another user; name a path in a folder of your own`)
  }
  if ((mode & 0o077) !== 0) return unusable(`${folder} is open to other users; run: chmod 700 ${folder}`)

  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return ok(undefined)
  if (!found.isSocket()) return unusable(`${path} is no socket; remove it`)
  if (await answers(path)) return err({ kind: 'occupied', message: `another server listens on ${path}` })
  // left behind by a process that was killed
  await unlink(path)
  return ok(undefined)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const unusable = (message: string) => err({ kind: 'unusable', message } as const)
