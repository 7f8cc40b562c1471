import { execFile } from 'node:child_process'

export type OpaRun = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs `opa` and waits for it. It never fails by itself: what OPA could not do is in the exit code and the output. */
export function runOpa(opa: string, args: readonly string[], cwd: string): Promise<OpaRun> {
  return new Promise((resolve) => {
    execFile(opa, [...args], { cwd, maxBuffer: 256 * 1024 * 1024, timeout: 300_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr })
      const code = typeof error.code === 'number' ? error.code : 1
      resolve({ code, stdout, stderr: stderr || (stdout ? '' : error.message) })
    })
  })
}
