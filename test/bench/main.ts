import { availableParallelism, cpus, loadavg } from 'node:os'
import { benchAuth } from './auth.ts'
import { benchComparing } from './comparing.ts'
import { benchDecision } from './decision.ts'
import { benchGrowth } from './growth.ts'
import { benchListing } from './listing.ts'
import { benchLogin } from './login.ts'
import { benchMemory } from './memory.ts'
import { benchReplaying } from './replaying.ts'
import { benchRotating } from './rotating.ts'
import { benchSwapping } from './swapping.ts'
import { benchWalk } from './walk.ts'
import { benchWatching } from './watching.ts'

const BENCHES: Readonly<Record<string, () => Promise<string>>> = {
  a: benchDecision,
  b: benchWalk,
  c: benchGrowth,
  d: benchListing,
  e: benchMemory,
  watch: benchWatching,
  replay: benchReplaying,
  diff: benchComparing,
  swap: benchSwapping,
  auth: benchAuth,
  rotate: benchRotating,
  login: benchLogin,
}
/** Those that are run when none is named. */
const ORDINARY: readonly string[] = ['a', 'b', 'c', 'd', 'e']

const print = (text: string) => process.stdout.write(`${text}\n`)

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}; name some of ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(2)
}
// By way of `exit`, where processes are killed and folders removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const [processor] = cpus()
const load = loadavg().map((figure) => figure.toFixed(1))
print(`Node ${process.version}, ${availableParallelism()} cores (${processor?.model.trim()}), load ${load.join(', ')}`)
print('Both sides of every ratio come from this run, in turns of small batches. Nothing here passes or fails.\n')
for (const [name, bench] of Object.entries(BENCHES)) {
  if ((asked.length === 0 ? ORDINARY : asked).includes(name)) print(await bench())
}
