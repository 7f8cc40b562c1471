import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocatedYaml, parseLocatedYaml } from '../../lib/located-yaml.ts'
import type { Finding } from '../../model/finding.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import type { PolicyTree } from '../rego/tree.ts'
import type { Place } from './data-fault.ts'

/** The data of a tree, and where in its files each member stands. */
export type Documents = {
  readonly data: JsonObject
  readonly place: Place
  readonly faults: readonly Finding[]
}

const DATA_FILE = /^mcp\/([^/]+)\/data\.(?:yaml|json)$/

export async function readDocuments(tree: PolicyTree): Promise<Documents> {
  const files = tree.documents.filter((file) => DATA_FILE.test(file))
  const read = await Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(tree.root, file), 'utf8') })),
  )
  const documents = new Map<string, { file: string; yaml: LocatedYaml }>()
  const faults: Finding[] = []
  for (const { file, text } of read) {
    const folder = DATA_FILE.exec(file)?.[1] ?? ''
    const yaml = parseLocatedYaml(text)
    if (yaml.ok) documents.set(folder, { file, yaml: yaml.value })
    else faults.push(...yaml.error.map(({ line, message }) => fault(file, line, message)))
  }
  const mcp = [...documents].map(([folder, { yaml }]) => [folder, (yaml.value ?? {}) as Json])
  return { data: { mcp: Object.fromEntries(mcp) }, place: placeIn(documents), faults }
}

const fault = (file: string, line: number, message: string): Finding => ({
  check: 'data-syntax',
  level: 'error',
  file,
  line,
  message,
  remedy: 'Correct the YAML',
})

const placeIn =
  (documents: ReadonlyMap<string, { file: string; yaml: LocatedYaml }>): Place =>
  (folder, members) => {
    const document = documents.get(folder)
    if (document === undefined) return { file: `mcp/${folder}/data.yaml` }
    const { file, yaml } = document
    // what is missing is shown where it should be
    for (let length = members.length; length > 0; length--) {
      const found = yaml.locate(members.slice(0, length))
      if (found !== undefined) return { file, line: found.line }
    }
    return { file, line: 1 }
  }
