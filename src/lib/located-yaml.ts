import { isNode, LineCounter, parseDocument } from 'yaml'
import { err, ok, type Result } from './result.ts'

export type Place = { readonly line: number; readonly column: number }

/** A YAML document that knows where its values stand. */
export type LocatedYaml = {
  readonly value: unknown
  /** Where the key of a value stands, or the element of a list. */
  readonly locate: (members: readonly string[]) => Place | undefined
}

export type YamlFault = Place & { readonly message: string }

/** Parses one YAML 1.2 document; duplicate keys, unknown tags and further documents are faults. */
export function parseLocatedYaml(text: string): Result<LocatedYaml, readonly YamlFault[]> {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true })
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line, column: col }
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) return err(faults.map(({ message, pos }) => ({ ...place(pos[0]), message })))

  const locate = (members: readonly string[]): Place | undefined => {
    const parent = document.getIn(members.slice(0, -1), true)
    const last = members.at(-1)
    const items = typeof parent === 'object' && parent !== null && 'items' in parent ? parent.items : undefined
    if (last === undefined || !Array.isArray(items)) return undefined
    for (const [index, item] of items.entries()) {
      const isPair = typeof item === 'object' && item !== null && 'key' in item
      const named = isPair ? String(item.key) === last : String(index) === last
      const node = isPair ? item.key : item
      if (named && isNode(node) && node.range) return place(node.range[0])
    }
    return undefined
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return ok({ value, locate })
  } catch {
    return err([{ line: 1, column: 1, message: 'An alias points nowhere, or too many multiply' }])
  }
}
