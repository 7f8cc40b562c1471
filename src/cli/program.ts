import { Command } from 'commander'
import { buildCommand } from './build.ts'
import { doctorCommand } from './doctor.ts'
import { evalCommand } from './eval.ts'
import { EXIT } from './exit-code.ts'
import { VERSION } from './package.ts'
import { serveCommand } from './serve.ts'
import { testCommand } from './test.ts'
import { tokenCommand } from './token.ts'

/** The command line. Each command is one file: it reads flags, calls, prints, and says how it ended. */
export function createProgram(): Command {
  const program = new Command('portcullis')
    .description('Policy-as-code authorization for MCP')
    .version(VERSION)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage))
  for (const command of [serveCommand, tokenCommand, buildCommand, testCommand, evalCommand, doctorCommand]) {
    program.addCommand(command().copyInheritedSettings(program))
  }
  return program
}
