import type { FileLines } from './line-coverage.ts'

/** The LCOV trace format, as editors and coverage services read it. */
export const lcov = (files: readonly FileLines[]): string =>
  files
    .map(({ file, lines }) =>
      [
        'TN:',
        `SF:${file}`,
        ...[...lines].map(([line, reached]) => `DA:${line},${reached ? 1 : 0}`),
        `LF:${lines.size}`,
        `LH:${[...lines.values()].filter((reached) => reached).length}`,
        'end_of_record\n',
      ].join('\n'),
    )
    .join('')
