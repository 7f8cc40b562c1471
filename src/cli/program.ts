import { Command } from 'commander'
import { thrownText } from '../lib/thrown-text.ts'
import { buildCommand } from './build.ts'
import { checkCommand } from './check.ts'
import { diffCommand } from './diff.ts'
import { doctorCommand } from './doctor.ts'
import { evalCommand } from './eval.ts'
import { EXIT } from './exit-code.ts'
import { explainCommand } from './explain.ts'
import { initCommand } from './init.ts'
import { newCommand } from './new.ts'
import { MissingTool, VERSION } from './package.ts'
import { replayCommand } from './replay.ts'
import { fail } from './report.ts'
import { rolloutCommand } from './rollout.ts'
import { serveCommand } from './serve.ts'
import { shadowCommand } from './shadow.ts'
import { testCommand } from './test.ts'
import { tokenCommand } from './token.ts'

/** Runs a command line. Whatever the command, what this machine lacks or refuses ends it alike. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv)
  } catch (thrown) {
    const lack = lackOf(thrown)
    if (lack === undefined) throw thrown
    fail(EXIT.environment, lack)
  }
}

/** Undefined: it is a defect of ours, whose stack somebody has to see. */
function lackOf(thrown: unknown): string | undefined {
  if (thrown instanceof MissingTool) return thrown.message
  if (typeof thrown !== 'object' || thrown === null || !('syscall' in thrown)) return undefined
  return `The system refuses: ${thrownText(thrown)}. Name another place, or give access to it`
}

/** The command line. Each command is one file: it reads flags, calls, prints, and says how it ended. */
export function createProgram(): Command {
  const program = new Command('portcullis')
    .description('Policy-as-code authorization for MCP')
    .version(VERSION)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage))
  for (const command of [
    serveCommand,
    tokenCommand,
    buildCommand,
    checkCommand,
    newCommand,
    initCommand,
    testCommand,
    evalCommand,
    explainCommand,
    diffCommand,
    replayCommand,
    doctorCommand,
    rolloutCommand,
    shadowCommand,
  ]) {
    program.addCommand(inheriting(command(), program))
  }
  return program
}

function inheriting(command: Command, parent: Command): Command {
  for (const part of command.copyInheritedSettings(parent).commands) inheriting(part, command)
  return command
}
