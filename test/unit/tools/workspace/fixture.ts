import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Confine } from '../../../../src/model/decision.ts'
import type { Workspace } from '../../../../src/model/workspace.ts'
import { confine } from '../../../../src/tools/workspace/confine.ts'
import { openWorkspaceRoot, type WorkspaceRoot } from '../../../../src/tools/workspace/root.ts'

export const CANARY = 'CANARY-7f3a: content of a file outside the workspace'

export type Fixture = {
  /** The directory that is the workspace. */
  readonly inside: string
  /** One beside it, with secret.txt. */
  readonly outside: string
  readonly root: WorkspaceRoot
  /** All of it, open. */
  readonly everything: Workspace
  put(path: string, content: string | Uint8Array): Promise<void>
  remove(): Promise<void>
}

export const confineTo = (open: Partial<Omit<Confine, 'type'>>): Confine => ({
  type: 'confine',
  read: [],
  write: [],
  never: [],
  ...open,
})

export const EVERYTHING: Confine = confineTo({ read: [[]], write: [[]] })

/** A workspace in a temporary directory, with these files in it. */
export const createFixture = async (files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<Fixture> => {
  const base = await mkdtemp(join(tmpdir(), 'workspace-'))
  const inside = join(base, 'a')
  const outside = join(base, 'a-evil')
  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(inside, path)), { recursive: true })
    await writeFile(join(inside, path), content)
  }
  await mkdir(inside)
  await mkdir(outside)
  await writeFile(join(outside, 'secret.txt'), CANARY)
  for (const [path, content] of Object.entries(files)) await put(path, content)

  const opened = openWorkspaceRoot(inside)
  if (!opened.ok) throw new Error(opened.error)
  const root = opened.value
  const remove = async () => {
    root.close()
    await rm(base, { recursive: true, force: true })
  }
  return { inside, outside, root, everything: confine(root, [EVERYTHING]), put, remove }
}

export const CONFINED = { ok: false, error: { code: 'not_found', confined: true } }
export const faultOf = (code: string) => ({ ok: false, error: { code, confined: false } })

/** Reads a whole file of at most 1 MiB as text, or answers the fault. */
export const readText = async (workspace: Workspace, path: string): Promise<unknown> => {
  const read = await workspace.read(path, { offset: 0, length: 2 ** 20, limit: 2 ** 20 })
  return read.ok ? Buffer.from(read.value.bytes).toString() : read
}

export const namesIn = async (workspace: Workspace, path: string): Promise<unknown> => {
  const listed = await workspace.list(path)
  return listed.ok ? listed.value.map(({ name, kind }) => (kind === 'directory' ? `${name}/` : name)) : listed
}
