/** sovereign-ledger drill */
import { randomInt } from "node:crypto"
import { assert } from "../../../base/fault.ts"
import { onStopSignal } from "../../../base/stop-signals.ts"
import { crimes } from "../../../drill/crime-list.ts"
import { drill as runDrill, type DrillReport } from "../../../drill/drill.ts"
import { findMasterSecret } from "../../../vault/master-key.ts"
import { verdictExit } from "../../../verify/verdict.ts"
import { drillText } from "../../render/drill-text.ts"
import type { CommandContext, CommandRow } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { reading } from "./events.ts"

const seedMost = 2 ** 31 - 1

export const drill: CommandRow = {
  path: "drill",
  summary: "See for yourself that nothing can be changed unseen: crimes on a copy of the ledger, each of which verify must find",
  options: [
    { flags: "--seed <n>", words: "the places that are chosen at random, again as in an earlier drill", parse: wholeNumber("--seed", 0, seedMost) },
    { flags: "--keep", words: "leave the copy where it is, put back to what it was; it is sealed as the ledger is" },
  ],
  help: `Copies the ledger and the note outside into a private directory (in TMPDIR), verifies the copy, and then commits ${crimes.length} crimes on it, one after the other:
bits, rows, the whole history, checkpoints, keys. Before each the copy is put back. The ledger itself is only read, beside a running writer too, and the copy
is removed at the end, after Ctrl-C as well. docs/guides/drill.md tells what each crime is, and what it is found by.

It needs as much room as the ledger, and takes about as long as ${crimes.length} verifications: a second for a thousand entries, a minute for 100,000.

Exit status: 0 every crime was found, 1 one was not (please report it), 2 it could not be done or was stopped. Where the ledger itself is not valid no crime
is committed, and the report and the exit status are those of verify.

Examples:
  sovereign-ledger drill
  sovereign-ledger drill --json | jq -r '.crimes[] | [.name, .outcome, .sentence] | @tsv'`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { files, terminal } = context
      const secret = findMasterSecret(context.places)
      assert(secret, "a ledger was opened without a secret")
      const stop = new AbortController()
      const forget = onStopSignal(() => {
        terminal.note("Stopping: the copy is removed.")
        stop.abort()
      })
      try {
        const seed = (flags["seed"] as number | undefined) ?? randomInt(seedMost)
        const report = await runDrill(access, {
          secret,
          seed,
          keep: flags["keep"] === true,
          signal: stop.signal,
          onProgress: terminal.progress("Committing crimes"),
        })
        await terminal.write(context.json ? `${JSON.stringify(bodyOf(context, report))}\n` : drillText(report, files.directory, terminal))
        return exitOf(report)
      } finally {
        forget()
      }
    }),
}

function bodyOf({ files, nowMs }: CommandContext, { state, seed, kept, crimes, before }: DrillReport): object {
  const count = (outcome: string) => crimes.filter((crime) => crime.outcome === outcome).length
  const counts = { found: count("found"), notFound: count("not found"), skipped: count("skipped") }
  return { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), directory: files.directory, seed, state, ...counts, kept, crimes, before }
}

function exitOf({ state, before }: DrillReport): number {
  if (state === "not begun") return verdictExit[before.verdict]
  return { "all found": 0, "not all found": 1, stopped: 2 }[state]
}
