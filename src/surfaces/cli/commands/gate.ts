/** sovereign-ledger gate status | log | arm | disarm */
import { objectOf } from "../../../base/json.ts"
import type { GateStanding } from "../../../policy/outbound/rule-view.ts"
import { gateLog, gateStatus } from "../../../views/gate.ts"
import { gateLine, gateStatusText } from "../../render/gate-text.ts"
import type { CommandRow, Flags } from "../command.ts"
import { runningWriter } from "../running-writer.ts"
import { credentialOption, give } from "../ledger-order.ts"
import { wholeNumber } from "../numbers.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

const recipient = { name: "<recipient>", words: "channel and id, such as telegram:4242; the id alone where one channel is watched" }

export const gateStatusRow: CommandRow = {
  path: "gate status",
  summary: "Who may be written to now, what was asked for, and which ways are not covered",
  help: `The gate lets nothing leave for a protected recipient unless somebody who may asked for it. Its settings stand in the plugin's setting gate; what
connected gateways go by is asked of the writer, and where none runs, what one told last is shown.

Example:
  sovereign-ledger gate status --json`,
  run: (context) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs, socket } = context
      const writer = await runningWriter(socket)
      const gateways = writer === null ? null : ((objectOf(writer)["gates"] ?? []) as unknown as readonly GateStanding[])
      const status = gateStatus(access, nowMs, gateways)
      const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...status }
      await terminal.write(json ? `${JSON.stringify(body)}\n` : gateStatusText(status, terminal))
      return 0
    }),
}

export const gateLogRow: CommandRow = {
  path: "gate log",
  summary: "Every verdict of the gate, newest last",
  options: [
    { flags: "--last <n>", words: "how many (default 50)", parse: wholeNumber("--last", 1, 100_000) },
    { flags: "--unknown", words: "only messages that were let go and of which nobody told what became of them" },
    { flags: "--since <time>", words: "from this time on: 30m, 24h or 7d back from now, a day, or ISO 8601 with an offset" },
  ],
  help: `Examples:
  sovereign-ledger gate log --since 24h
  sovereign-ledger gate log --unknown
  sovereign-ledger gate log --last 5 --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { terminal, json, nowMs } = context
      const rows = gateLog(access, { sinceMs: timeOf(flags, "since", nowMs), limit: (flags["last"] ?? 50) as number, unknown: flags["unknown"] === true })
      if (json) await terminal.write(`${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), verdicts: rows })}\n`)
      else
        await terminal.write(
          rows.length === 0
            ? "The gate has judged nothing yet.\n"
            : rows
                .toReversed()
                .map((row) => gateLine(row, terminal))
                .join(""),
        )
      return 0
    }),
}

export const gateArm: CommandRow = {
  path: "gate arm",
  summary: "Let some messages leave to a protected recipient",
  argument: recipient,
  options: [
    { flags: "--uses <n>", words: "how many messages (default 1)", parse: wholeNumber("--uses", 1, 1_000) },
    { flags: "--seconds <n>", words: "for how long (default 120, at most a day)", parse: wholeNumber("--seconds", 1, 86_400) },
    { flags: "--reason <text>", words: "why; it stands on record" },
    credentialOption,
  ],
  help: `It takes the place of what was armed there. Needs the operator's credential once there is one, and is refused below an agent's own commands.

Example:
  sovereign-ledger gate arm telegram:4242 --uses 2 --reason "she asked by phone"`,
  run: (context, flags, to = "") => {
    const seconds = flags["seconds"] as number | undefined
    const asked = {
      ...reasonIn(flags),
      ...(flags["uses"] === undefined ? {} : { uses: flags["uses"] }),
      ...(seconds === undefined ? {} : { forMs: seconds * 1_000 }),
    }
    return give(context, flags, { do: "gate-arm", to, ...asked }, ({ events }) => `${to}: ${armedWords(events)}`)
  },
}

export const gateDisarm: CommandRow = {
  path: "gate disarm",
  summary: "Let nothing more leave to a protected recipient until somebody asks again",
  argument: recipient,
  options: [{ flags: "--reason <text>", words: "why; it stands on record" }],
  help: `Free for everybody. A late answer to what was asked before does not leave either.

Example:
  sovereign-ledger gate disarm telegram:4242`,
  run: (context, flags, to = "") =>
    give(context, flags, { do: "gate-disarm", to, ...reasonIn(flags) }, () => `${to}: nothing leaves until somebody asks again.`),
}

function reasonIn(flags: Flags): object {
  return flags["reason"] === undefined ? {} : { reason: String(flags["reason"]) }
}

function armedWords(events: readonly { readonly facts: object }[]): string {
  const { uses, expiresAtMs } = (events[0]?.facts ?? {}) as { uses?: number; expiresAtMs?: number }
  return `${uses} may leave until ${new Date(expiresAtMs ?? 0).toISOString()}.`
}
