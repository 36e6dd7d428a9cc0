/** sovereign-ledger writer: the process that writes, as its starters and service managers run it. */
import { Option, type Command } from "commander"
import { Fault, problemOf } from "../../base/fault.ts"
import { objectOf, stringOf } from "../../base/json.ts"
import type { WriterArguments } from "../../operations/writer-arguments.ts"
import { findMasterSecret, type SecretPlaces } from "../../vault/master-key.ts"
import { flagsOf } from "./command.ts"
import { parseTimeStampAuthority, type TimeStampAuthority } from "../../format/time-stamp-authority.ts"
import { parseWitness, type PinnedWitness } from "../../format/witness.ts"
import { wholeNumber } from "./numbers.ts"
import { resolvePlaces } from "./places.ts"

type StartWriter = (args: WriterArguments, places: SecretPlaces) => Promise<{ readonly stop: (reason: string) => void }>

/** The composition root hands this in: surfaces do not import it. */
let startWriter: () => Promise<StartWriter> = () => Promise.reject(new Fault("writer.unreachable", { directory: "this program", problem: "it has no writer" }))

export function provideWriter(load: () => Promise<StartWriter>): void {
  startWriter = load
}

export function writerCommand(program: Command, done: (status: number) => void): void {
  const command = program.command("writer", { hidden: false })
  command
    .description("The writer process; started by the plugin by itself, or as a service under another user")
    .option("--data-dir <directory>", "directory of the ledger")
    .option("--key-file <file>", "file with the master key")
    .option("--key-command <command>", "program that prints the master key, or a JSON list of its words; run without a shell")
    .option("--head-note <file>", "the last checkpoint, kept outside the data directory")
    .option("--socket <file>", "where to listen (default: in the data directory)")
    .option("--json", "say what keeps it from starting in one line of JSON on standard output")
    .option("--service", "stay when no client is left, and let the group use the socket (mode 0660); one for its own user stays in the data directory")
    .option("--witness <key and url>", 'a witness beside those of the settings, as "KEY URL"; repeatable', collectWitnesses)
    .option("--timestamp-authority <url and file>", 'a time-stamp authority beside those of the settings, as "URL FILE"; repeatable', collectAuthorities)
    .option("--started-by <who>", "client: read secrets from standard input, answer one JSON line on standard output")
    .option("--commit-delay-ms <n>", "slow every commit down; for benches", wholeNumber("--commit-delay-ms", 0, 1_000))
    .addOption(new Option("--clock-file <file>").hideHelp())
    .addOption(hidden("--lock-within-ms"))
    .addOption(hidden("--leave-after-ms"))
    .addOption(hidden("--recount-after-ms"))
    .addOption(hidden("--digest-after-ms"))
    .addOption(hidden("--prune-after-ms"))
    .exitOverride()
    .addHelpText(
      "after",
      "\nOne writer serves a data directory; a second one waits for the lock and gives up. It stops on SIGTERM, and by itself\n30 seconds after its last client unless --service is given.\n\nA service that other users reach only by its socket is set up with the files in deploy/: docs/guides/second-user.md.\n\nExample:\n  sovereign-ledger writer --service --socket /run/sovereign-ledger/writer.sock --data-dir /var/lib/sovereign-ledger/data --key-file /etc/sovereign-ledger/master.key",
    )
  command.action(async () => {
    const flags = flagsOf(command)
    const byClient = flags["startedBy"] === "client"
    const announce = (line: unknown) => (byClient ? process.stdout.write(`${JSON.stringify(line)}\n`) : undefined)
    try {
      const secrets = byClient ? await secretsFromStdin() : {}
      const environment = { ...process.env, ...(secrets.environmentKey ? { OPENCLAW_MASTER_KEY: secrets.environmentKey } : {}) }
      const places = resolvePlaces(
        { dataDir: flags["dataDir"], keyFile: flags["keyFile"], keyCommand: flags["keyCommand"], headNote: flags["headNote"] },
        environment,
      )
      const secretPlaces = { ...places.secrets, hostSecret: secrets.hostSecret }
      const run = await startWriter()
      const writer = await run(
        {
          directory: places.files.directory,
          headNote: places.files.headNote,
          service: flags["service"] === true,
          socket: flags["socket"],
          witnesses: flags["witness"] as readonly PinnedWitness[] | undefined,
          timestampAuthorities: flags["timestampAuthority"] as readonly TimeStampAuthority[] | undefined,
          commitDelayMs: flags["commitDelayMs"],
          clockFile: flags["clockFile"],
          lockWithinMs: flags["lockWithinMs"],
          leaveAfterMs: flags["leaveAfterMs"],
          recountAfterMs: flags["recountAfterMs"],
          digestAfterMs: flags["digestAfterMs"],
          pruneAfterMs: flags["pruneAfterMs"],
        },
        secretPlaces,
      )
      for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => writer.stop(`stopped by ${signal}`))
      announce({ ready: { pid: process.pid, keySource: findMasterSecret(secretPlaces)?.source } })
      if (!byClient) process.stderr.write(`The writer of ${places.files.directory} is ready (pid ${process.pid}).\n`)
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault("writer.unreachable", { directory: "the ledger", problem: problemOf(error) }, error)
      announce({ fault: fault.toJSON() })
      if (byClient) done(fault.exitStatus)
      else throw fault
    }
  })
}

/** A patience that nobody but a test has reason to change. */
function hidden(flag: string): Option {
  return new Option(`${flag} <n>`).argParser(wholeNumber(flag, 0, 3_600_000)).hideHelp()
}

function collectWitnesses(text: string, before: readonly PinnedWitness[] = []): readonly PinnedWitness[] {
  const witness = parseWitness(text)
  if (witness.url === undefined) throw new Fault("cli.usage", { problem: 'The writer asks its witnesses: name each as "KEY URL".' })
  return [...before, witness]
}

function collectAuthorities(text: string, before: readonly TimeStampAuthority[] = []): readonly TimeStampAuthority[] {
  return [...before, parseTimeStampAuthority(text)]
}

async function secretsFromStdin(): Promise<{ readonly hostSecret?: string | undefined; readonly environmentKey?: string | undefined }> {
  let text = ""
  for await (const part of process.stdin) {
    text += String(part)
    if (text.includes("\n")) break
  }
  const fields = objectOf(JSON.parse(text || "{}"))
  return { hostSecret: stringOf(fields["hostSecret"]), environmentKey: stringOf(fields["environmentKey"]) }
}
