import { availableParallelism } from 'node:os'
import { openVersion } from '../../../src/app/evaluation/policy-version.ts'
import { replayLog } from '../../../src/app/evaluation/replay.ts'
import { answerParent } from '../child.ts'
import { CAPABILITIES, findOpa } from '../package.ts'

export type Replayed = { readonly same: number; readonly seconds: number; readonly peakBytes: number }

const [log = '', bundle = ''] = process.argv.slice(2)
const policy = await openVersion(bundle, undefined, { opa: findOpa, capabilities: CAPABILITIES })
if (!policy.ok) throw new Error(JSON.stringify(policy.error))
const started = performance.now()
const tally = await replayLog([log], policy.value, { named: 20, threads: availableParallelism() })
if (!tally.ok) throw new Error(JSON.stringify(tally.error))
const seconds = (performance.now() - started) / 1000
answerParent({ same: tally.value.same, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies Replayed)
