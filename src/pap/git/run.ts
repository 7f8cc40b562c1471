import { spawn } from 'node:child_process'

export type GitRun = { readonly code: number; readonly stdout: Buffer; readonly stderr: string }

/** By which a hook, or another git above this process, would name another repository than that of the folder. */
const ELSEWHERE = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_PREFIX', 'GIT_NAMESPACE']

/** Runs `git` in a folder and waits for it. What git could not do, or that it is not there, is in the code and the output. */
export function runGit(folder: string, args: readonly string[], input = ''): Promise<GitRun> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ELSEWHERE.includes(name)))
  return new Promise((resolve) => {
    const child = spawn('git', ['-C', folder, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    child.stdout.on('data', (chunk) => chunks.stdout.push(chunk))
    child.stderr.on('data', (chunk) => chunks.stderr.push(chunk))
    child.on('error', (error) => resolve({ code: -1, stdout: Buffer.alloc(0), stderr: error.message }))
    child.on('close', (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(chunks.stdout),
        stderr: Buffer.concat(chunks.stderr).toString(),
      }),
    )
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
