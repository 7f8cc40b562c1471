import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../lib/error-code.ts'

/** What the demo shows: places open to all, to some, to one, and to nobody. */
const FILES: Readonly<Record<string, string>> = {
  'public/a.txt': 'Anyone with a role may read this file.\n',
  'public/news.md': '# News\n\nThe gate is open from nine to five.\n',
  'public/.env': 'NOT_A_SECRET=a name that no policy here ever opens\n',
  'docs/handbook.md': '# Handbook\n\nreadonly and admin read this folder; user does not.\n',
  'docs/guide/start.md': '# Start\n\nAsk for the list of files first.\n',
  'private/plans.txt': 'Only admin reads this file.\n',
  'users/admin/notes.txt': 'The folder of admin.\n',
  'users/user/notes.txt': 'The folder of user: read and write.\n',
  'users/user/drafts/letter.txt': 'Dear gatekeeper,\n',
  'users/readonly/notes.txt': 'The folder of readonly.\n',
}

/** Makes the sample workspace unless there is one: what the user changed in it stays. */
export async function ensureWorkspace(dir: string, newId: () => string): Promise<void> {
  if (await stat(dir).catch(() => undefined)) return
  const draft = `${dir}.${newId()}`
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(draft, path)
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(file, text, { mode: 0o600 })
  }
  try {
    await rename(draft, dir)
  } catch (error) {
    await rm(draft, { recursive: true })
    // Another process was first.
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error
  }
}
