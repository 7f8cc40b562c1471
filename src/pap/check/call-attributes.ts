import type { PolicyFault } from '../../model/policy-fault.ts'
import { isDecidingPackage, type Module } from '../rego/module.ts'
import { meets, type Use, type UsingRule, usingRules, withUsed } from '../rego/uses.ts'

/** What a single call says. Lists are decided without it, so `permit` and `deny` must not read it. */
const CALL_ATTRIBUTES = [
  ['input', 'resource', 'properties', 'arguments'],
  ['input', 'resource', 'properties', 'paths'],
  ['input', 'context', 'bytes'],
]

/**
 * Refuses a `permit` or `deny` that could read a call attribute, itself or by any rule of the tree that it
 * uses. A value that contains the attribute counts as the attribute.
 */
export function callAttributeFaults(modules: readonly Module[]): readonly PolicyFault[] {
  const rules = usingRules(modules)
  return rules
    .filter(decidesVisibility)
    .flatMap((start) => [...withUsed([start], rules)].flatMap((found) => faultsIn(found, start)))
}

function decidesVisibility({ module, rule }: UsingRule): boolean {
  const name = rule.head.ref[0]?.value
  return isDecidingPackage(module) && (name === 'permit' || name === 'deny')
}

const faultsIn = (found: UsingRule, start: UsingRule): readonly PolicyFault[] =>
  found.uses.flatMap((use) => {
    const attribute = CALL_ATTRIBUTES.find((path) => meets(use.names, path))
    return attribute === undefined ? [] : [fault(start, found, use, attribute)]
  })

function fault(start: UsingRule, found: UsingRule, use: Use, attribute: readonly string[]): PolicyFault {
  const kind = String(start.rule.head.ref[0]?.value)
  const by = found === start ? '' : ` (by way of ${found.path.join('.')})`
  const name = start.module.package.join('.')
  return {
    file: found.module.file,
    line: use.line,
    message: `${kind} of ${name} reads ${use.names.join('.')}${by}, and so ${attribute.join('.')}, which lists do not have`,
    remedy: 'Read the attribute in deny_call, scope, limit or oblige, or name the exact attribute that is meant',
  }
}
