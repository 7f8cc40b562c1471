import { Command } from 'commander'
import { BUILTIN_TOOL_NAMES } from '../app/inquiry/question.ts'
import { loadPolicy } from '../pap/activation/load.ts'
import { EXIT } from './exit-code.ts'
import { BUILD_CAPABILITIES, findOpa } from './package.ts'
import { policySource, type QuestionFlags, readQuestion, withQuestionOptions } from './question.ts'
import { fail, failWithFaults } from './report.ts'

export const evalCommand = (): Command =>
  withQuestionOptions(
    new Command('eval')
      .description('Print the decision on one question; exit code 0 for a permit, 1 for anything else')
      .argument('[input]', 'file with a policy input as JSON, - for standard input; or ask by flags'),
  )
    .addHelpText(
      'after',
      `
Examples:
  portcullis eval --subject user --roles user --tool writeFile --arguments '{"path":"/users/user/x","content":""}'
  portcullis eval --subject alice --roles readonly --tool readFile --path /private/plan.txt
  portcullis eval input.json --policies ./bundle.tar.gz`,
    )
    .action(evaluate)

async function evaluate(file: string | undefined, flags: QuestionFlags): Promise<void> {
  const input = await readQuestion(file, flags)
  if (!input.ok) return fail(EXIT.usage, input.error)
  const policy = await loadPolicy(policySource(flags), {
    opa: findOpa,
    capabilities: BUILD_CAPABILITIES,
    tools: BUILTIN_TOOL_NAMES,
    now: () => performance.now(),
  })
  if (!policy.ok) return failWithFaults(`${flags.policies} cannot be used:`, policy.error)
  const decided = policy.value.decide(input.value)
  policy.value.close()
  process.stdout.write(`${JSON.stringify(decided, undefined, 2)}\n`)
  process.exitCode = decided.effect === 'permit' ? EXIT.ok : EXIT.finding
}
