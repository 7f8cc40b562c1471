import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { err, ok, type Result } from '../lib/result.ts'
import type { Tool } from '../model/tool.ts'
import { BUILTIN_TOOLS } from './builtin.ts'
import { isTool } from './define.ts'

type Loaded = { readonly file: string; readonly tools: readonly Tool[]; readonly fault?: string }

const load = async (modulePath: string, fromDir: string): Promise<Loaded> => {
  const file = resolve(fromDir, modulePath)
  try {
    const exported: object = await import(pathToFileURL(file).href)
    const tools = [...new Set(Object.values(exported))].filter(isTool)
    const fault = `${file}: exports no tool; export what defineTool returns`
    return tools.length > 0 ? { file, tools } : { file, tools, fault }
  } catch (error) {
    return { file, tools: [], fault: `${file}: cannot be imported: ${error}` }
  }
}

const duplicates = (loaded: readonly Loaded[]): readonly string[] => {
  const owners = new Map(BUILTIN_TOOLS.map(({ name }) => [name, 'the built-in tools']))
  return loaded.flatMap(({ file, tools }) =>
    tools.flatMap(({ name }) => {
      const owner = owners.get(name)
      owners.set(name, owner ?? file)
      return owner === undefined ? [] : [`${file}: a tool named ${name} comes from ${owner} already; rename one`]
    }),
  )
}

/** Every tool that the modules export, or everything that is wrong with them. */
export const loadTools = async (
  modulePaths: readonly string[],
  fromDir: string,
): Promise<Result<readonly Tool[], readonly string[]>> => {
  const loaded = await Promise.all(modulePaths.map((modulePath) => load(modulePath, fromDir)))
  const faults = [...loaded.flatMap(({ fault }) => fault ?? []), ...duplicates(loaded)]
  return faults.length > 0 ? err(faults) : ok(loaded.flatMap(({ tools }) => tools))
}
