import { closeSync, constants, fstatSync, openSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { err, ok, type Result } from '../../lib/result.ts'

/** The opened directory that is the workspace: a descriptor, so that renaming or replacing its name changes nothing. */
export type WorkspaceRoot = { readonly fd: number; readonly dev: number; close(): void }

const PROC = 0x9fa0

// statfs(2) magic numbers. Kernel trees hold files that are no files.
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  PROC, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0x62656570, // configfs
  0xcafe4a11, // bpf
  0x19800202, // mqueue
])
// Where `.ENV` opens `.env`, a policy that compares names decides on another file than the one opened.
const CASE_INSENSITIVE_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x4d44, // vfat
  0x2011bab0, // exfat
  0x5346544e, // ntfs
  0x7366746e, // ntfs3
  0x482b, // hfsplus
  0xff534d42, // cifs
  0xfe534d42, // smb2
])

const isProcGenuine = () => {
  try {
    return process.platform === 'linux' && statfsSync('/proc').type === PROC
  } catch {
    return false
  }
}

const isSameFile = (a: string | number, b: string) => {
  const opened = typeof a === 'number' ? fstatSync(a, { bigint: true }) : statSync(a, { bigint: true })
  const named = statSync(b, { bigint: true, throwIfNoEntry: false })
  return named !== undefined && opened.ino === named.ino && opened.dev === named.dev
}

/** devtmpfs has the magic number of tmpfs. */
const isDeviceTree = (fd: number) => {
  const devices = statSync('/dev', { throwIfNoEntry: false })?.dev
  return devices !== statSync('/').dev && devices === fstatSync(fd).dev
}

const swapCase = (name: string) =>
  [...name].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join('')

/** ext4 and f2fs fold case per directory, which no magic number tells. */
const foldsCase = (directory: string) => {
  const names = readdirSync(directory)
  const probe = names.find((name) => /[a-z]/i.test(name) && !names.includes(swapCase(name)))
  return probe !== undefined && statSync(`${directory}/${swapCase(probe)}`, { throwIfNoEntry: false }) !== undefined
}

const unfit = (fd: number): string | undefined => {
  const held = `/proc/self/fd/${fd}`
  if (!isSameFile(fd, `${held}/.`)) return '/proc/self/fd does not lead to open files; mount a genuine /proc'
  const { type } = statfsSync(`${held}/.`)
  if (KERNEL_FILE_SYSTEMS.has(type) || isDeviceTree(fd)) {
    return 'this is a file system of the kernel or of devices; name a directory with plain files'
  }
  if (isSameFile(fd, '/')) return 'this is the root of the whole file system; name a directory below it'
  if (CASE_INSENSITIVE_FILE_SYSTEMS.has(type) || foldsCase(held)) {
    return 'this file system ignores case, and policies compare names exactly; use a case-sensitive one'
  }
  return undefined
}

const OPEN_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such directory; create it or name another one',
  ENOTDIR: 'not a directory; name a directory',
  EACCES: 'the server may not read it; give its user read and search permission',
}

/** Opens the workspace and makes sure that walking it by descriptor works here. The error says what to do. */
export const openWorkspaceRoot = (directory: string): Result<WorkspaceRoot, string> => {
  const at = (problem: string) => err(`workspace ${directory}: ${problem}`)
  if (!isProcGenuine()) {
    return at('file tools open each file by descriptor, which needs Linux with /proc mounted; run the server there')
  }
  let fd: number
  try {
    fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    return at(OPEN_ERRORS[code] ?? `cannot be opened (${code}); name a directory that the server can read`)
  }
  const close = () => closeSync(fd)
  try {
    const problem = unfit(fd)
    if (problem === undefined) return ok({ fd, dev: fstatSync(fd).dev, close })
    close()
    return at(problem)
  } catch (error) {
    close()
    throw error
  }
}
