import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { formatPolicyFault, type PolicyFault } from '../model/policy-fault.ts'
import type { BundleIdentity, RolloutStatus } from '../model/rollout.ts'
import { ask, print } from './admin-answer.ts'
import type { AdminAnswer, AdminRequest } from './admin-client.ts'
import { type TargetFlags, targetFlags, withTarget } from './admin-target.ts'
import { EXIT } from './exit-code.ts'
import { fail } from './report.ts'

const EXAMPLES = `
Examples:
  portcullis rollout status
  portcullis rollout check ./bundle.tar.gz
  portcullis rollout activate ./bundle.tar.gz --url https://mcp.example.com --token-file ./token
  portcullis rollout rollback --socket /var/lib/portcullis/admin.sock

Over a socket nobody asks the policy: it is for the day on which the policy in force shuts out its administrators.
Exit codes: 0 done · 1 refused, or the source is not current · 2 wrong flags, token or role · 3 no server answers`

const BUNDLE = ['<bundle>', 'bundle.tar.gz made by `portcullis build`'] as const

export const rolloutCommand = (): Command =>
  withTarget(new Command('rollout'))
    .description('See and change which policy a running server has in force')
    .addCommand(
      new Command('status')
        .description('Print the policies active, previous and candidate, and how their source stands')
        .action((_, command) => status(targetFlags(command))),
    )
    .addCommand(
      new Command('check')
        .description('Verify a bundle as activation would, and make it the candidate')
        .argument(...BUNDLE)
        .action((file, _, command) => check(file, targetFlags(command))),
    )
    .addCommand(
      new Command('activate')
        .description('Verify a bundle and put it in force')
        .argument(...BUNDLE)
        .action((file, _, command) => activate(file, targetFlags(command))),
    )
    .addCommand(
      new Command('rollback')
        .description('Put the previous bundle in force again')
        .action((_, command) => rollback(targetFlags(command))),
    )
    .addHelpText('after', EXAMPLES)

async function status(flags: TargetFlags): Promise<void> {
  const answer = await ask(flags, { method: 'GET', path: '/admin/policies' }, 'source')
  if (answer === undefined) return
  const found = answer.body as unknown as RolloutStatus
  print(flags, answer, statusLines(found))
  if (found.source.state !== 'current') process.exitCode = EXIT.finding
}

async function check(file: string, flags: TargetFlags): Promise<void> {
  const answer = await checkBundle(file, flags)
  if (answer !== undefined) print(flags, answer, [`candidate  ${identity(candidateOf(answer))}`])
}

async function activate(file: string, flags: TargetFlags): Promise<void> {
  const checked = await checkBundle(file, flags)
  if (checked === undefined) return
  const content = JSON.stringify({ sha256: candidateOf(checked).sha256 })
  const body = { type: 'application/json', content }
  await change(flags, { method: 'POST', path: '/admin/policies/activate', body })
}

const rollback = (flags: TargetFlags): Promise<void> =>
  change(flags, { method: 'POST', path: '/admin/policies/rollback' })

async function change(flags: TargetFlags, request: AdminRequest): Promise<void> {
  const answer = await ask(flags, request, 'active')
  if (answer !== undefined) print(flags, answer, [`active     ${identity(answer.body['active'] as BundleIdentity)}`])
}

async function checkBundle(file: string, flags: TargetFlags): Promise<AdminAnswer | undefined> {
  const content = await readFile(file).catch(() => undefined)
  if (content === undefined)
    return fail(EXIT.usage, `${file} cannot be read; name a bundle made by \`portcullis build\``)
  return ask(
    flags,
    { method: 'POST', path: '/admin/policies/check', body: { type: 'application/gzip', content } },
    'candidate',
  )
}

const candidateOf = ({ body }: AdminAnswer) => body['candidate'] as BundleIdentity

function statusLines({ active, previous, candidate, source }: RolloutStatus): readonly string[] {
  const { kind, location, state, checked_at, age_seconds, faults } = source
  return [
    `active     ${identity(active)}, since ${active.activated_at}`,
    `previous   ${previous === undefined ? 'none' : identity(previous)}`,
    `candidate  ${candidate === undefined ? 'none' : identity(candidate)}`,
    `source     ${state}: ${kind} ${location}, asked ${checked_at}, confirmed ${age_seconds} s ago`,
    ...faults.map((fault: PolicyFault) => `           ${formatPolicyFault(fault)}`),
  ]
}

const identity = ({ revision, sha256, version }: BundleIdentity): string =>
  `${revision}${version === undefined ? '' : ` version ${version}`} (sha256 ${sha256})`
