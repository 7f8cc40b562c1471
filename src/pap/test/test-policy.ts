import type { Result } from '../../lib/result.ts'
import type { PolicyFault } from '../../model/policy-fault.ts'
import { createPolicyTester, type TestOptions, type TestReport } from './tester.ts'

/** Rego tests, cases on the compiled policy, the same cases by `opa eval`, and what all of them cover. */
export async function testPolicy(options: TestOptions): Promise<Result<TestReport, readonly PolicyFault[]>> {
  const tester = await createPolicyTester(options)
  try {
    const decided = await tester.decide()
    return decided.ok ? await tester.complete(decided.value) : decided
  } finally {
    await tester.close()
  }
}
