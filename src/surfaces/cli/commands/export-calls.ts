/** sovereign-ledger export ndjson | focus | otel: model calls for other programs */
import { Fault } from "../../../base/fault.ts"
import { buildVersion } from "../../../version.ts"
import { callJson } from "../../../views/exports/call-json.ts"
import { callCount, callPages, type CallQuestion } from "../../../views/exports/calls.ts"
import { focusHead, focusPeriods, FocusRows, type FocusPeriod } from "../../../views/exports/focus.ts"
import { otelLine } from "../../../views/exports/otel.ts"
import { usageColumns } from "../../../views/exports/usage-csv.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { countWords } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { streamOptions, writeExport, type Piece } from "../export-stream.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

export const callOptions: readonly OptionRow[] = [
  { flags: "--since <time>", words: "from this time on: 30m, 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: all)" },
  { flags: "--until <time>", words: "up to this time, in the same words (default: all)" },
  { flags: "--agent <id>", words: "only this agent" },
  { flags: "--session <key>", words: "only this session" },
]

const labelsOption: OptionRow = { flags: "--labels", words: "sessions by their own names instead of their ids: they may name people" }

/** @throws {Fault} `cli.usage` */
export function callQuestionOf(flags: Flags, nowMs: number): CallQuestion {
  const [fromMs, toMs] = [timeOf(flags, "since", nowMs), timeOf(flags, "until", nowMs)]
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) throw new Fault("cli.usage", { problem: "--until must be after --since." })
  const [agent, session] = [flags["agent"] as string | undefined, flags["session"] as string | undefined]
  return { fromMs, toMs, agent, session, labels: flags["labels"] === true }
}

export const exportNdjson: CommandRow = {
  path: "export ndjson",
  summary: "Model calls as NDJSON, an object a call",
  options: [...streamOptions, ...callOptions, labelsOption],
  help: `The members of each line: ${usageColumns.join(", ")}.
Dollars and nano-dollars are decimal texts, exact; what was not told is null. For entries of the journal, which can be verified, see export json.

Examples:
  sovereign-ledger export ndjson --since 7d --out calls.ndjson
  sovereign-ledger export ndjson --agent main | jq -r .model | sort | uniq -c`,
  run: (context, flags) =>
    exported(context, flags, {}, function* (access, question) {
      yield* pages(access, question, (calls) => calls.map(callJson).join(""))
    }),
}

export const exportFocus: CommandRow = {
  path: "export focus",
  summary: "Cost and usage in FOCUS 1.2, for FinOps tools",
  options: [
    ...streamOptions,
    ...callOptions,
    { flags: "--per <period>", words: `one row a meter and ${focusPeriods.join(", ")} (default hour; UTC)`, parse: parsePeriod },
    { flags: "--billing-account <id>", words: "BillingAccountId: the account the provider bills (default: the ledger's own name)" },
  ],
  help: `CSV by the FinOps Open Cost and Usage Specification 1.2: a row is one class of tokens of one model at one price. ListCost is unit price times quantity, exactly;
BilledCost adds up to what spend tells, to the nano-dollar. A call whose cost only the host told is a request at that cost. Calls of which no cost is known
are left out, and counted on standard error. Agents are sub-accounts; channel, job, project and kind are tags.

Examples:
  sovereign-ledger export focus --since 2026-11-01 --until 2026-12-01 --out focus-2026-11.csv
  sovereign-ledger export focus --per day --billing-account org-4711 --out focus.csv --force`,
  run: (context, flags) => {
    let left = 0
    return exported(
      context,
      flags,
      { byTime: true },
      function* (access, question) {
        const ledger = access.keys.store.origin
        const billingAccount = (flags["billingAccount"] as string | undefined) ?? ledger
        const rows = new FocusRows({ per: (flags["per"] as FocusPeriod | undefined) ?? "hour", billingAccount, billingAccountName: ledger }, () => left++)
        yield { text: focusHead, done: 0 }
        yield* pages(access, question, (calls) => calls.map((call) => rows.add(call)).join(""))
        yield { text: rows.end(), done: 0 }
      },
      () => left > 0 && context.terminal.note(`${countWords(left, "call")} of which no cost is known left out: spend names the models.`),
    )
  },
}

export const exportOtel: CommandRow = {
  path: "export otel",
  summary: "Model calls as OpenTelemetry spans with the GenAI names (OTLP/JSON)",
  options: [...streamOptions, ...callOptions, labelsOption],
  help: `A line is one TracesData in OTLP/JSON, which the OpenTelemetry Collector's otlpjsonfile receiver reads. A span is a call, a trace a run; ids are the same in
every export. Names are those of the GenAI conventions (gen_ai.usage.input_tokens and so on); cost stands in sovereign_ledger.cost_usd as decimal text.

Examples:
  sovereign-ledger export otel --since 24h --out spans.jsonl
  sovereign-ledger export otel --agent main --out /var/spool/otel/main.jsonl --force`,
  run: (context, flags) =>
    exported(context, flags, {}, function* (access, question) {
      const settings = { version: buildVersion, ledger: access.keys.store.origin }
      yield* pages(access, question, (calls) => {
        let text = ""
        for (let at = 0; at < calls.length; at += spansPerLine) text += otelLine(calls.slice(at, at + spansPerLine), settings)
        return text
      })
    }),
}

const spansPerLine = 500

function exported(
  context: CommandContext,
  flags: Flags,
  order: CallQuestion,
  pieces: (access: LedgerAccess, question: CallQuestion) => Iterable<Piece>,
  done: () => void = () => {},
): Promise<number> {
  const question = { ...callQuestionOf(flags, context.nowMs), ...order }
  return reading(context, async (access) => {
    await writeExport(context, flags, pieces(access, question), callCount(access))
    if (flags["out"] !== undefined) context.terminal.note(`Written to ${String(flags["out"])}.`)
    done()
    return 0
  })
}

function* pages(access: LedgerAccess, question: CallQuestion, text: (calls: Parameters<typeof otelLine>[0]) => string): Generator<Piece> {
  let done = 0
  for (const calls of callPages(access, question)) {
    done += calls.length
    yield { text: text(calls), done }
  }
}

function parsePeriod(text: string): FocusPeriod {
  const period = focusPeriods.find((name) => name === text)
  if (!period) throw new Fault("cli.usage", { problem: `--per takes ${focusPeriods.join(", ")}, not "${text}".` })
  return period
}
