import type { PolicyInput } from '../../model/input.ts'
import type { Policy } from '../../pdp/engine.ts'
import type { Candidate } from './changes.ts'
import type { Changes } from './explanation.ts'

/** About a second of decisions. */
const MAX_TRIED = 10_000
/** More alternatives than this nobody compares. */
const MAX_FOUND = 20

type Combination = readonly Candidate[]

/**
 * Asks the policy again with one thing changed, then with two, then with three, each of another dimension:
 * role, scope, path. What contains a set of changes that suffices is not tried, nor what contains one that
 * breaks the evaluation: a policy takes only so many of those.
 */
export function searchChanges(
  decide: Policy['decide'],
  input: PolicyInput,
  dimensions: readonly (readonly Candidate[])[],
): Changes {
  const found: Combination[] = []
  const broken: Combination[] = []
  let tried = 0
  let complete = true
  for (const combination of bySize(dimensions)) {
    if ([...found, ...broken].some((smaller) => smaller.every((one) => combination.includes(one)))) continue
    complete = tried < MAX_TRIED && found.length < MAX_FOUND
    if (!complete) break
    tried++
    const changed = combination.reduce((before, { apply }) => apply(before), input)
    const { effect } = decide(changed)
    if (effect === 'permit') found.push(combination)
    if (effect === 'indeterminate') broken.push(combination)
  }
  return { permitted_with: found.map((combination) => combination.map(({ change }) => change)), tried, complete }
}

function* bySize(dimensions: readonly (readonly Candidate[])[]): Generator<Combination> {
  for (let size = 1; size <= dimensions.length; size++) yield* combinations(dimensions, size)
}

/** Every choice of `size` candidates, at most one of each dimension. */
function* combinations(dimensions: readonly (readonly Candidate[])[], size: number): Generator<Combination> {
  if (size === 0) return yield []
  for (const [index, candidates] of dimensions.entries()) {
    for (const candidate of candidates) {
      for (const rest of combinations(dimensions.slice(index + 1), size - 1)) yield [candidate, ...rest]
    }
  }
}
