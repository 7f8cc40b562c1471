import { Command } from 'commander'
import type { ShadowReport } from '../model/shadow.ts'
import { ask, print } from './admin-answer.ts'
import { type TargetFlags, targetFlags, withTarget } from './admin-target.ts'
import { EXIT } from './exit-code.ts'
import { shadowLines } from './format/shadow-report.ts'

export const shadowCommand = (): Command =>
  withTarget(new Command('shadow'))
    .description('See what the candidate would have decided on the live traffic of a running server')
    .addCommand(
      new Command('report')
        .description('Print how the candidate differs, and a masked example of each difference; 1 if it does')
        .action((_, command) => report(targetFlags(command))),
    )
    .addHelpText(
      'after',
      `
Examples:
  portcullis shadow report
  portcullis shadow report --format json --url https://mcp.example.com --token-file ./token

\`portcullis rollout check\` makes a bundle the candidate. Calls are asked again, the items of lists are not:
\`portcullis diff\` shows what would be listed.`,
    )

async function report(flags: TargetFlags): Promise<void> {
  const answer = await ask(flags, { method: 'GET', path: '/admin/shadow' }, 'differences')
  if (answer === undefined) return
  const found = answer.body as unknown as ShadowReport
  print(flags, answer, shadowLines(found))
  if (found.different > 0) process.exitCode = EXIT.finding
}
