/** sovereign-ledger cap-proof */
import { Fault } from "../../../base/fault.ts"
import { labelExamples, parseLabel, type PeriodLabel } from "../../../views/period-label.ts"
import { writeCapProof } from "../../../views/cap-proof.ts"
import { capResultLines } from "../../render/cap-proof-text.ts"
import type { CommandRow } from "../command.ts"
import { openSink, type Sink } from "../sink.ts"
import { reading } from "./events.ts"

const command = "sovereign-ledger cap-proof"

export const capProofCommand: CommandRow = {
  path: "cap-proof",
  summary: "Prove to a stranger that a budget's limit was not exceeded in a period, or by how much it was",
  argument: { name: "<budget>", words: "name of the budget" },
  options: [
    { flags: "--period <period>", words: `a month, week, day or hour: ${labelExamples} (default: the last one that stands in the ledger)`, parse: parsePeriod },
    { flags: "--out <file>", words: "write the proof to a file (mode 0600) instead of standard output; refuses to replace one" },
  ],
  help: `One file: every entry of the journal from before the period to after it, those that may count in a budget with their facts, and what they add up to,
signed. Whoever has it and the verifier key counts it again, without the ledger:
  sovereign-ledger verify --cap-proof FILE --key KEY

It discloses every spend of that time, of other budgets too: amounts, agents, models, tools, prices. Never what anybody wrote: docs/spec/cap-proof.md says
what exactly. A period that is not over is proved up to the last entry. A budget for a rolling span cannot be proved.

Exit status: 0 the limit was not exceeded; 1 it was, and the proof says where; 2 there is no such period.

Examples:
  sovereign-ledger cap-proof monthly --period 2026-11 --out november.cap-proof
  sovereign-ledger cap-proof daily --period 2026-11-25 --out wednesday.cap-proof
  sovereign-ledger verify --cap-proof november.cap-proof --key "$(cat verifier.key)"`,
  run: (context, flags, budget = "") =>
    reading(context, async (access) => {
      const { terminal, nowMs } = context
      const out = flags["out"] as string | undefined
      if (context.json && out === undefined)
        throw new Fault("cli.usage", { problem: "--json goes with --out: without it the proof is what is written.", command })
      let sink: Sink | undefined
      const generatedAt = new Date(nowMs).toISOString()
      const question = { budget, label: flags["period"] as PeriodLabel | undefined, generatedAt, onProgress: terminal.progress("Proving") }
      // A file is made when there is something to write in it.
      const { head, result, entries, size } = await writeCapProof(access, question, (text) => (sink ??= openSink(context, out)).write(text))
      sink?.close()
      const { startMs, endMs } = head
      const body = { schemaVersion: 1, generatedAt, file: out ?? null, budget, startMs, endMs: endMs ?? null, entries, size, ...result }
      if (context.json) await terminal.write(`${JSON.stringify(body)}\n`)
      else if (out !== undefined) {
        terminal.note(capResultLines({ budget, startMs, endMs: endMs ?? null, result }, terminal).join("\n"))
        terminal.note(`Proof written to ${out}. To check it: sovereign-ledger verify --cap-proof ${out} --key KEY`)
      }
      return result.counts.some(({ timesExceeded }) => timesExceeded > 0) ? 1 : 0
    }),
}

function parsePeriod(text: string): PeriodLabel {
  const label = parseLabel(text)
  if (!label) throw new Fault("cli.usage", { problem: `--period takes ${labelExamples}, not "${text}".`, command })
  return label
}
