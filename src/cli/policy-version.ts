import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { openVersion, type PolicyVersion } from '../app/evaluation/policy-version.ts'
import { BUILD_CAPABILITIES, findOpa } from './package.ts'
import { failWithFaults } from './report.ts'

/** Opens what a command line names as a policy, or says why it cannot be used. */
export async function openNamedVersion(name: string, beside?: string): Promise<PolicyVersion | undefined> {
  const version = await openVersion(name, beside, { opa: findOpa, capabilities: BUILD_CAPABILITIES })
  return version.ok ? version.value : failWithFaults(`${name} cannot be used:`, version.error)
}

export const jobsOption = (): Option =>
  new Option('--jobs <number>', 'threads that decide; else one for each core')
    .argParser(toJobs)
    .default(availableParallelism(), 'all cores')

export function toCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.')
  return Number(text)
}

function toJobs(text: string): number {
  const jobs = toCount(text)
  if (jobs < 1 || jobs > 256) throw new InvalidArgumentError('Write a number from 1 to 256.')
  return jobs
}
