import * as fs from 'node:fs'
import { jest } from '@jest/globals'

/** What the workspace opened, since a test emptied it. */
export const opened: string[] = []

/** Must be called before the product is imported: its file system is then watched. */
export function watchOpening(): void {
  jest.unstable_mockModule('node:fs', () => ({
    ...fs,
    default: fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      opened.push(String(args[0]))
      return fs.openSync(...args)
    },
    opendirSync: (...args: Parameters<typeof fs.opendirSync>) => {
      opened.push(String(args[0]))
      return fs.opendirSync(...args)
    },
  }))
}
