/** sovereign-ledger reconcile --bill */
import { Fault } from "../../../base/fault.ts"
import { isZone } from "../../../ledger/periods.ts"
import { reconcileBill, type BillReport } from "../../../views/reconcile-bill.ts"
import type { BillCorrection } from "../../../views/bill-corrections.ts"
import { billText } from "../../render/bill-text.ts"
import { countWords, plain } from "../../render/words.ts"
import { parseRate, readBill } from "../bill-file.ts"
import type { CommandContext, Flags, OptionRow } from "../command.ts"
import { collected, credentialOption, sendOrder, textsIn } from "../ledger-order.ts"
import { reading } from "./events.ts"

export const billOptions: readonly OptionRow[] = [
  { flags: "--bill <file>", words: "compare with a provider's export instead (CSV, or saved answers of its API); - reads standard input" },
  { flags: "--post", words: "with --bill: post what differs as corrections" },
  {
    flags: "--provider <name>",
    words: "with --bill: whose calls it is of, as the host names the provider; repeatable (default: by the format)",
    parse: collected,
  },
  {
    flags: "--zone <zone>",
    words: "with --bill: the time zone of the bill's days, as Europe/Berlin (default UTC, which the providers' exports go by)",
    parse: parseZone,
  },
  { flags: "--rate <rate>", words: "with --bill: what one of another currency is worth in dollars, as EUR=1.0834; repeatable", parse: parseRate },
  credentialOption,
]

const exits = { agrees: 0, differs: 1, "not compared": 2 } as const

export async function compareBill(context: CommandContext, flags: Flags, file: string): Promise<number> {
  const { bill, digest } = readBill(file, (flags["zone"] as string | undefined) ?? "UTC")
  const named = textsIn(flags, "provider").map((name) => name.toLowerCase())
  const providers = named.length > 0 ? named : bill.providers
  const rates = (flags["rate"] as ReadonlyMap<string, bigint> | undefined) ?? new Map<string, bigint>()
  const question = { bill, digest, providers, rates }
  const before = await reading(context, (access) => Promise.resolve(reconcileBill(access, question)))
  if (flags["post"] !== true) return told(context, before)
  const posted = await postAll(context, flags, before.corrections)
  const after = await reading(context, (access) => Promise.resolve(reconcileBill(access, question)))
  return told(context, after, posted)
}

type Outcome = { readonly posted: number; readonly refused: readonly { readonly id: string; readonly words: string }[] }

/** One after the other: the first that is refused for want of a credential ends it. */
async function postAll(context: CommandContext, flags: Flags, corrections: readonly BillCorrection[]): Promise<Outcome> {
  const refused: { id: string; words: string }[] = []
  let posted = 0
  for (const { amounts, ...rest } of corrections) {
    const order = { do: "correct", ...rest, amounts: [`${dollars(amounts.moneyNanos ?? "0")}usd`] }
    const answer = await sendOrder(context, flags, order)
    if ("done" in answer) posted++
    else refused.push({ id: rest.id, words: answer.refused.words })
    if ("refused" in answer && (answer.refused.why === "credential" || answer.refused.why === "agent")) break
  }
  return { posted, refused }
}

async function told({ terminal, json, nowMs }: CommandContext, report: BillReport, outcome?: Outcome): Promise<number> {
  const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...report, ...outcome }
  await terminal.write(json ? `${JSON.stringify(body)}\n` : billText(report, terminal))
  if (!outcome) return exits[report.verdict]
  if (!json) {
    await terminal.write(`${countWords(outcome.posted, "correction")} posted.\n`)
    for (const { words } of outcome.refused) terminal.note(terminal.colors.red(`Refused: ${plain(words)}.`))
  }
  return outcome.refused.length > 0 ? 1 : exits[report.verdict]
}

/** Exactly, with every nano-dollar. */
function dollars(nanos: string): string {
  const digits = nanos.padStart(10, "0")
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}

function parseZone(text: string): string {
  if (!isZone(text))
    throw new Fault("cli.usage", {
      problem: `--zone takes a time zone such as UTC or Europe/Berlin; "${text}" is none.`,
      command: "sovereign-ledger reconcile",
    })
  return text
}
