import { VOCABULARY } from '../../../../src/app/inquiry/vocabulary.ts'
import type { Finding } from '../../../../src/model/finding.ts'
import { checkPolicy } from '../../../../src/pap/check/check.ts'
import { findOpa, root, writeTree } from '../../../policy/tools.ts'

const DATA = {
  'mcp/mcp.rego': `# METADATA
# scope: subpackages
# schemas:
#   - input: schema.input
package mcp
`,
  'mcp/roles/data.yaml': 'writer: { tools: [writeFile], plan: small }\n',
  'mcp/inherits/data.yaml': 'writer: []\nstaff: [writer]\n',
  'mcp/plans/data.yaml': 'small: { max_bytes: 100 }\n',
  'mcp/scopes/data.yaml': 'mcp:write: [mcp:read]\nmcp:read: []\n',
}

/** Everything that a check without lint says of a tree. */
export async function check(files: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const tree = writeTree(files)
  try {
    const found = await checkPolicy({
      policyDir: tree.dir,
      opa: await findOpa(),
      capabilities: `${root}scripts/policy/capabilities.test.json`,
      schemas: `${root}scripts/policy/schemas`,
      vocabulary: VOCABULARY,
    })
    if (!found.ok) throw new Error(JSON.stringify(found.error))
    return found.value
  } finally {
    tree.remove()
  }
}

export type Body = { readonly name: string; readonly body: string; readonly tool?: string }

const packageOf = ({ tool }: Body, index: number) => (tool === undefined ? `rules.t.c${index}` : `tools.${tool}`)
const BODY_LINE = 6

/**
 * What one kind of check says of each rule, as `<level> <line of the body> <message>`; all of them stand in one
 * tree, so that OPA runs once. Rules of one tool share its package: one of them at most.
 */
export async function saidOf(kind: string, rules: readonly Body[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = rules.map((rule, index) => {
    const name = packageOf(rule, index)
    const text = `# METADATA\n# title: T\n# custom:\n#   code: ${name}\npackage mcp.${name}\n\n${rule.body}\n`
    return [`mcp/${name.replaceAll('.', '/')}/rule.rego`, text] as const
  })
  const found = await check({ ...DATA, ...Object.fromEntries(files) })
  return new Map(
    rules.map(({ name }, index) => [
      name,
      found
        .filter((finding) => finding.check === kind && finding.file === files[index]?.[0])
        .map(({ level, line = 0, message }) => `${level} ${line - BODY_LINE} ${message}`),
    ]),
  )
}
