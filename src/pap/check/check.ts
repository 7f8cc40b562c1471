import { resolve } from 'node:path'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Finding } from '../../model/finding.ts'
import { membersOf } from '../../model/json.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { isFolder } from '../bundle/copy.ts'
import { type Annotation, readAnnotations } from '../rego/annotations.ts'
import { located, type Module, parseModules } from '../rego/module.ts'
import { type PolicyTree, readPolicyTree } from '../rego/tree.ts'
import { dataFindings } from './data-faults.ts'
import { denyUndefined } from './deny-undefined.ts'
import { type Documents, readDocuments } from './documents.ts'
import { type Lint, lintFindings } from './lint.ts'
import { neverMatches } from './never-matches.ts'
import { createResolver } from './origins.ts'
import { labelFindings, reasonFindings } from './reasons.ts'
import { checkFaults, formatFaults } from './rego.ts'
import { structureFaults } from './structure.ts'
import { unknownAttributes } from './unknown-attributes.ts'
import type { Vocabulary } from './vocabulary.ts'

export type CheckOptions = {
  /** Root of the policy tree. */
  readonly policyDir: string
  readonly opa: string
  /** Capabilities file that also covers tests. */
  readonly capabilities: string
  /** Folder of JSON schemas for `opa check`. */
  readonly schemas: string
  readonly vocabulary: Vocabulary
  /** Left out: without lint. */
  readonly lint?: Lint
}

/** Everything that is to be said of a policy tree, by file and line; what runs outside runs at the same time. */
export async function checkPolicy(options: CheckOptions): Promise<Result<readonly Finding[], readonly PolicyFault[]>> {
  const { policyDir, opa } = options
  if (!(await isFolder(policyDir)))
    return err([{ message: 'there is no such policy folder', remedy: 'Name the root of a policy tree' }])
  const tree = await readPolicyTree(resolve(policyDir))
  const [modules, documents, annotations, format, types, lint] = await Promise.all([
    parseModules(opa, tree),
    readDocuments(tree),
    readAnnotations(opa, policyDir),
    formatFaults(options),
    checkFaults(options),
    options.lint === undefined ? [] : lintFindings(policyDir, options.lint),
  ])
  // every other tool would say the same once more
  if (!modules.ok) return ok(sorted(modules.error.map(named('syntax'))))
  const own = await located(opa, tree, modules.value, (all) =>
    ownFindings({ tree, modules: all, documents, annotations, vocabulary: options.vocabulary }),
  )
  const others = [...format.map(named('opa-fmt')), ...types.map(named('opa-check')), ...lint, ...documents.faults]
  const all = [...others, ...own]
  return ok(sorted(all.filter((finding) => !isSaid(finding, all))))
}

/** What the tools do not know: where rules stand, what their words mean, and what a denial must not depend on. */
function ownFindings(of: {
  readonly tree: PolicyTree
  readonly modules: readonly Module[]
  readonly documents: Documents
  readonly annotations: readonly Annotation[] | undefined
  readonly vocabulary: Vocabulary
}): readonly Finding[] {
  const { modules, documents, vocabulary } = of
  const { data, place } = documents
  const tools = new Set([...vocabulary.tools.keys(), ...Object.keys(membersOf(membersOf(data['mcp'])['catalogue']))])
  const resolver = createResolver(modules)
  const known = { vocabulary, data }
  return [
    ...structureFaults(of.tree, modules, tools).map(named('structure')),
    // OPA says itself what is wrong with a tree that it cannot inspect
    ...(of.annotations === undefined ? [] : labelFindings(modules, of.annotations)),
    ...reasonFindings(modules, resolver),
    ...neverMatches(modules, resolver, known),
    ...unknownAttributes(modules, resolver, known),
    ...denyUndefined(modules, resolver, vocabulary),
    ...dataFindings(data, tools, place),
  ]
}

const named =
  (check: string) =>
  (fault: PolicyFault): Finding => ({ ...fault, check, level: 'error' })

/** Types and attributes are what `opa check` looks at too; what is never there needs no word on its absence. */
function isSaid({ check, file, line }: Finding, others: readonly Finding[]): boolean {
  const saying = check === 'deny-undefined' ? 'unknown-attribute' : 'opa-check'
  return (
    ['unknown-attribute', 'never-matches', 'deny-undefined'].includes(check) &&
    others.some((other) => other.check === saying && other.file === file && other.line === line)
  )
}

/** By place; the same said of one line by two branches of an analysis is said once. */
function sorted(findings: readonly Finding[]): readonly Finding[] {
  const key = ({ file = '', line = 0, check, message }: Finding) =>
    [file, String(line).padStart(9, '0'), check, message].join('\0')
  const unique = new Map(findings.map((finding) => [key(finding), finding]))
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, finding]) => finding)
}
