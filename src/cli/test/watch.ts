import type { Suite } from '../../model/suite.ts'
import type { TestOptions } from '../../pap/test/tester.ts'
import { watchPolicy } from '../../pap/test/watch.ts'
import { EXIT } from '../exit-code.ts'
import { failWithFaults } from '../report.ts'
import { exceptions, partLine, summary } from './summary.ts'

/** Tests after every change until the terminal says stop: first what the cases decide, then everything. */
export async function watchTests(options: TestOptions): Promise<void> {
  const stop = new AbortController()
  const end = () => stop.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  const say = (text: string) => process.stdout.write(`${text}\n`)
  say(`Watching ${options.policyDir} and ${options.casesDir}; Ctrl+C ends`)
  await watchPolicy(
    options,
    {
      verdict: (suite, milliseconds) =>
        say(['', ...exceptions([suite]), partLine(suite), `verdict after ${milliseconds.toFixed(0)} ms`].join('\n')),
      report: (report, milliseconds) =>
        say(`${summary(report, others(report.suites))}all after ${milliseconds.toFixed(0)} ms`),
      faults: (faults, milliseconds) => {
        failWithFaults('\nThe policy cannot be tested:', faults)
        say(`refused after ${milliseconds.toFixed(0)} ms`)
      },
    },
    stop.signal,
  )
  process.off('SIGINT', end).off('SIGTERM', end)
  process.exitCode = EXIT.ok
}

/** The verdict has shown what is wrong with the cases. */
const others = (suites: readonly Suite[]): readonly Suite[] => suites.filter(({ name }) => name !== 'cases')
