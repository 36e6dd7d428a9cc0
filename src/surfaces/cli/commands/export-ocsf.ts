/** sovereign-ledger export ocsf */
import { Fault } from "../../../base/fault.ts"
import { buildVersion } from "../../../version.ts"
import { ocsfLines } from "../../../views/exports/ocsf.ts"
import type { CommandRow } from "../command.ts"
import { streamOptions, writeExport } from "../export-stream.ts"
import { wholeNumber } from "../numbers.ts"
import { timeOf } from "../times.ts"
import { filterOf, filterOptions, reading } from "./events.ts"

export const exportOcsf: CommandRow = {
  path: "export ocsf",
  summary: "Entries as OCSF events with record integrity, for a SIEM",
  options: [
    ...streamOptions,
    ...filterOptions,
    { flags: "--security-only", words: "only categories that matter to security: security, config, system" },
    { flags: "--since <time>", words: "recorded from this time on: 30m, 24h or 30d back from now, a day such as 2026-11-20, or ISO 8601 with an offset" },
    { flags: "--until <time>", words: "recorded up to this time, in the same words" },
    { flags: "--limit <n>", words: "at most that many events", parse: wholeNumber("--limit", 1, 10_000_000) },
    { flags: "--labels", words: "sessions by their own names instead of their ids: they may name people" },
  ],
  help: `NDJSON by the Open Cybersecurity Schema Framework 1.9. Model and tool calls are API Activity (6003), refusals and alarms Detection Findings (2004), changes
of budgets, keys and settings Entity Management (3004), starts and stops Application Lifecycle (6002), everything else Base Events with its own type. Every
event has the fingerprint of the one before (profile record_integrity), its place in the journal and its leaf hash; the last one has the ledger's signature
over all of them. What people wrote is not in it.

Examples:
  sovereign-ledger export ocsf --since 24h --out events.ocsf.jsonl
  sovereign-ledger export ocsf --security-only | jq -c 'select(.severity_id >= 3)'`,
  run: (context, flags) => {
    const { nowMs } = context
    const [fromMs, toMs] = [timeOf(flags, "since", nowMs), timeOf(flags, "until", nowMs)]
    if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) throw new Fault("cli.usage", { problem: "--until must be after --since." })
    const asked = { securityOnly: flags["securityOnly"] === true, limit: flags["limit"] as number | undefined, fromMs, toMs, labels: flags["labels"] === true }
    return reading(context, async (access) => {
      await writeExport(context, flags, ocsfLines(access, { ...filterOf(flags), ...asked }, { version: buildVersion, nowMs }), access.reader.size())
      if (flags["out"] !== undefined) context.terminal.note(`Written to ${String(flags["out"])}.`)
      return 0
    })
  },
}
