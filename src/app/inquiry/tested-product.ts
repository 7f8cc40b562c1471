import { maskRecord } from '../../audit/mask.ts'
import { BUILTIN_TOOLS } from '../../tools/builtin.ts'

/** What tests of a policy need to know of the product: its tools, and how a record is masked. */
export const TESTED_PRODUCT = {
  tools: BUILTIN_TOOLS.map(({ name, paths }) => ({ name, takesPaths: Object.keys(paths).length > 0 })),
  maskRecord,
}
