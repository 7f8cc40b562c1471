import { Command, InvalidArgumentError, Option } from 'commander'
import { KINDS, type Kind } from '../pap/rego/kinds.ts'
import { createRule, readRuleName } from '../pap/scaffold/rule.ts'
import type { RuleName } from '../pap/scaffold/rule-texts.ts'
import { DEFAULT_POLICIES } from './package.ts'
import { failWithFaults } from './report.ts'

type Flags = { readonly kind: Kind; readonly policies: string }

export const newCommand = (): Command =>
  new Command('new')
    .description('Begin a part of a policy')
    .addCommand(ruleCommand())
    .addHelpText(
      'after',
      `
Examples:
  portcullis new rule paths/office_hours
  portcullis new rule tools/reviewers`,
    )

const ruleCommand = (): Command =>
  new Command('rule')
    .description('Write a rule with its metadata and a table of tests; it changes no decision until you edit it')
    .argument('<area/name>', 'where it belongs and what it is called', toRuleName)
    .addOption(new Option('--kind <kind>', 'what it says').choices(KINDS).default('deny_call'))
    .option('--policies <folder>', 'root of the policy tree', DEFAULT_POLICIES)
    .addHelpText(
      'after',
      `
Examples:
  portcullis new rule paths/office_hours
  portcullis new rule limits/per_hour --kind limit --policies ./policies`,
    )
    .action(createFiles)

function toRuleName(text: string): RuleName {
  const name = readRuleName(text)
  if (!name.ok) throw new InvalidArgumentError(name.error)
  return name.value
}

async function createFiles(rule: RuleName, { kind, policies }: Flags): Promise<void> {
  const created = await createRule(policies, rule, kind)
  if (!created.ok) return failWithFaults(`${rule.area}/${rule.name} cannot be written:`, created.error)
  process.stdout.write(`${created.value.map((file) => `${policies}/${file}`).join('\n')}\n`)
}
