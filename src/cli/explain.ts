import { homedir } from 'node:os'
import { Command, Option } from 'commander'
import { BUILTIN_TOOL_NAMES } from '../app/inquiry/question.ts'
import { recordedDecision } from '../app/inquiry/recorded.ts'
import { demoDecisionLog, demoStateDir } from '../demo/state.ts'
import type { PolicyInput } from '../model/input.ts'
import { type Answer, explain } from '../pap/explain/explain.ts'
import { type OpenedPolicy, openPolicy } from '../pap/explain/open.ts'
import { changedSince, type RecordedLines, recordedFacts, recordedInput } from '../pap/explain/recorded.ts'
import { EXIT } from './exit-code.ts'
import { prettyAnswer } from './format/explanation.ts'
import { BUILD_CAPABILITIES, findOpa } from './package.ts'
import { policySource, type QuestionFlags, readQuestion, withQuestionOptions } from './question.ts'
import { isReadableFile } from './readable-file.ts'
import { fail, failWithFaults } from './report.ts'

type Flags = QuestionFlags & {
  readonly log?: readonly string[]
  readonly format: 'pretty' | 'json'
  readonly all?: true
}

export const explainCommand = (): Command =>
  withQuestionOptions(
    new Command('explain')
      .description('Say why a question is decided as it is, and what would have to change for a permit')
      .argument('[question]', 'file with a policy input as JSON, - for standard input, or a decision id'),
  )
    .option('--log <files...>', 'decision logs that hold the decision id; else that of the demo')
    .addOption(
      new Option('--format <format>', 'how the answer is written').choices(['pretty', 'json']).default('pretty'),
    )
    .option('--all', 'show every rule, not only those that fired and the nearest misses')
    .addHelpText(
      'after',
      `
Examples:
  portcullis explain --subject alice --roles user --tool writeFile --path /docs/x
  portcullis explain 019a9c1e-52f0-7000-8000-000000000000 --log /var/log/portcullis/decisions.ndjson
  portcullis explain input.json --policies ./bundle.tar.gz --format json

Exit code 0: permitted; 1: not; 2: the question is wrong; 3: this machine lacks something.
Of a recorded decision the exit code is that of the request as it ended then.`,
    )
    .action(answer)

async function answer(question: string | undefined, flags: Flags): Promise<void> {
  const asked = await readAsked(question, flags)
  if (asked === undefined) return
  const opened = await open(flags)
  if (opened === undefined) return
  try {
    const answer = await answerOf(asked, opened)
    process.stdout.write(
      flags.format === 'json'
        ? `${JSON.stringify(answer, undefined, 2)}\n`
        : prettyAnswer(answer, { all: flags.all === true }),
    )
    process.exitCode = isPermitted(answer) ? EXIT.ok : EXIT.finding
  } finally {
    await opened.close()
  }
}

type Asked = { readonly lines?: RecordedLines; readonly input: PolicyInput | undefined }

async function readAsked(question: string | undefined, flags: Flags): Promise<Asked | undefined> {
  if (question !== undefined && (flags.log !== undefined || DECISION_ID.test(question))) {
    const logs = flags.log ?? [demoDecisionLog(demoStateDir(process.env, homedir()))]
    for (const log of logs) {
      if (!(await isReadableFile(log)))
        return fail(EXIT.usage, `${log}: no such log; name the file that \`log.path\` names`)
    }
    if (question.length < SHORTEST_ID)
      return fail(EXIT.usage, `${question} is too short for a decision id: write at least ${SHORTEST_ID} characters`)
    const lines = await recordedDecision(logs, question)
    return lines.ok ? { lines: lines.value, input: recordedInput(lines.value) } : fail(EXIT.usage, lines.error)
  }
  if (flags.log !== undefined) return fail(EXIT.usage, 'Name the decision id that is looked for in --log')
  const input = await readQuestion(question, flags)
  return input.ok ? { input: input.value } : fail(EXIT.usage, input.error)
}

const DECISION_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const SHORTEST_ID = 8

async function open(flags: Flags): Promise<OpenedPolicy | undefined> {
  const tools = BUILTIN_TOOL_NAMES
  const deps = { opa: findOpa, capabilities: BUILD_CAPABILITIES, tools, now: () => performance.now() }
  const opened = await openPolicy(policySource(flags), deps)
  return opened.ok ? opened.value : failWithFaults(`${flags.policies} cannot be used:`, opened.error)
}

async function answerOf({ lines, input }: Asked, { policy, data, sources }: OpenedPolicy): Promise<Answer> {
  const recorded = lines && recordedFacts(lines, policy.bundle)
  if (input === undefined) return { ...(recorded && { recorded }) }
  const explanation = await explain(input, { policy, data, sources, opa: findOpa, tools: BUILTIN_TOOL_NAMES })
  const since = lines === undefined ? [] : changedSince(lines, explanation.decision)
  return { ...(recorded && { recorded }), explanation, ...(since.length > 0 && { changed_since: since }) }
}

function isPermitted({ recorded, explanation }: Answer): boolean {
  if (recorded === undefined) return explanation?.decision.effect === 'permit'
  return recorded.decision.refusal === undefined || recorded.decision.enforced === false
}
