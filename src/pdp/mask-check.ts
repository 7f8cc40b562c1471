import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { compareText } from '../lib/compare.ts'
import { err, ok } from '../lib/result.ts'
import type { Mask, Masks } from '../model/ruling.ts'

const Pointer = Type.String({ pattern: '^/(input|result)(/.*)?$', maxLength: 4096 })
const masks = Compile(
  Type.Array(
    Type.Union([
      Pointer,
      Type.Object(
        {
          op: Type.Union([Type.Literal('remove'), Type.Literal('upsert')]),
          path: Pointer,
          value: Type.Optional(Type.Unknown()),
        },
        { additionalProperties: false },
      ),
    ]),
    { maxItems: 1024 },
  ),
)

/** Takes the answer of the mask's entrypoint, a set in no order, and puts it in one. */
export function toMasks(answer: unknown): Masks {
  if (answer === undefined) return err('the mask is undefined')
  if (!masks.Check(answer)) return err('the mask is malformed')
  return ok((answer as readonly Mask[]).toSorted((a, b) => compareText(pathOf(a), pathOf(b))))
}

const pathOf = (mask: Mask): string => (typeof mask === 'string' ? mask : mask.path)
