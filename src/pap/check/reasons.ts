import type { Finding } from '../../model/finding.ts'
import type { Annotation } from '../rego/annotations.ts'
import { isDecidingPackage, type Module, type Node } from '../rego/module.ts'
import type { Resolver } from './origins.ts'
import { branchesOf, callIn, comprehensionIn, isDeclaration, type Scope, scopeOf, within } from './syntax.ts'

const REASONED = ['permit', 'deny', 'deny_call']
const PLACE = 'Write `# title:` and `# custom:` with `#   code: <area>.<rule>` under `# METADATA` above the package'

/** What a rule says comes from its metadata alone: no caller reads what another one sent. */
export function reasonFindings(modules: readonly Module[], resolver: Resolver): readonly Finding[] {
  return modules.filter(isDecidingPackage).flatMap((module) =>
    module.rules
      .filter(({ head }) => REASONED.includes(String(head.ref[0]?.value)) && head.key !== undefined)
      .filter((rule) => readsInput(rule.head.key, scopeOf(module, rule), resolver, []))
      .map((rule) => ({
        check: 'input-in-reason',
        level: 'error' as const,
        file: module.file,
        line: rule.head.key?.location?.row ?? rule.head.location?.row ?? 1,
        message: `what ${rule.head.ref[0]?.value} of ${module.package.join('.')} says depends on the input`,
        remedy: 'Return result.reason(rego.metadata.chain()), and say what is fixed in the title',
      })),
  )
}

/** Every package of rules has a title and a code, and no two have one code. */
export function labelFindings(modules: readonly Module[], annotations: readonly Annotation[]): readonly Finding[] {
  const labelled = modules.filter(isDecidingPackage).map((module) => {
    const label = annotations.find(({ path, scope }) => scope === 'package' && path === module.package.join('.'))
    return { module, title: label?.title, code: label?.code }
  })
  return labelled.flatMap(({ module, title, code }, index) => {
    const place = { file: module.file, line: module.packageLine, level: 'error' as const }
    const name = `package ${module.package.join('.')}`
    const first = labelled.findIndex((other) => other.code === code)
    const other = first < index ? labelled[first]?.module : undefined
    return [
      ...(isText(title) ? [] : [{ ...place, check: 'rule-title', message: `${name} has no title`, remedy: PLACE }]),
      ...(isText(code) ? [] : [{ ...place, check: 'rule-code', message: `${name} has no code`, remedy: PLACE }]),
      ...(isText(code) && other !== undefined && other.package.join('.') !== module.package.join('.')
        ? [
            {
              ...place,
              check: 'rule-code',
              message: `${name} has the code "${code}" of ${other.file}`,
              remedy: 'Give it a code of its own',
            },
          ]
        : []),
    ]
  })
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

/** Follows the value, not the conditions under which it is said. */
function readsInput(node: unknown, scope: Scope, resolver: Resolver, seen: readonly object[]): boolean {
  if (typeof node !== 'object' || node === null || seen.includes(node)) return false
  const on = [...seen, node]
  if (Array.isArray(node)) return node.some((part) => readsInput(part, scope, resolver, on))
  const { type, value }: Node = node
  const comprehension = comprehensionIn(node)
  if (comprehension !== undefined) {
    const { body, ...terms } = comprehension
    return Object.values(terms).some((term) => readsInput(term, within(scope, body), resolver, on))
  }
  if (type === 'templatestring') return readsInput((value as { parts: unknown }).parts, scope, resolver, on)
  if ('terms' in node) return readsInput(node.terms, scope, resolver, on)
  if (type !== 'var' && type !== 'ref') return readsInput(value, scope, resolver, on)
  const ref = (type === 'var' ? [node] : value) as readonly Node[]
  if (String(ref[0]?.value) === 'input') return true
  const named = resolver.rulesOf(ref, scope)
  if (named === undefined) {
    return ref.slice(1).some((step) => readsInput(step, scope, resolver, on)) || bindsInput(ref[0], scope, resolver, on)
  }
  return named.definitions.some(({ module, rule }) =>
    branchesOf(rule).some((branch) =>
      [branch.head.key, branch.head.value].some((said) => readsInput(said, scopeOf(module, branch), resolver, on)),
    ),
  )
}

function bindsInput(variable: Node | undefined, scope: Scope, resolver: Resolver, seen: readonly object[]): boolean {
  const isIt = (node: Node | undefined) => node?.type === 'var' && node.value === variable?.value
  return scope.bodies.flat().some(({ terms }) => {
    const calls = isDeclaration(terms) ? terms.symbols.map(callIn) : [callIn(terms)]
    return calls.some((call) => {
      if (call === undefined || !(isDeclaration(terms) || ['assign', 'eq'].includes(call.operator))) return false
      if (!call.operands.some(isIt)) return false
      return call.operands.some((operand) => !isIt(operand) && readsInput(operand, scope, resolver, seen))
    })
  })
}
