import type { Tool } from '../model/tool.ts'
import { listFiles } from './list-files.ts'
import { readFile } from './read-file.ts'
import { searchFiles } from './search-files.ts'
import { writeFile } from './write-file.ts'

/** The tools that come with the server. */
export const BUILTIN_TOOLS: readonly Tool[] = [readFile, listFiles, searchFiles, writeFile]
