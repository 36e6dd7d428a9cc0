/** sovereign-ledger witness add | list */
import { Fault } from "../../../base/fault.ts"
import { parseVerifierKey } from "../../../format/checkpoint.ts"
import { unseenLog, type KnownLog, type WatchedLogs } from "../../../witness/watched-logs.ts"
import { agoWords, countWords, plain } from "../../render/words.ts"
import type { CommandRow } from "../command.ts"
import { logsOf, stateOption } from "./witness-serve.ts"

export const witnessAdd: CommandRow = {
  path: "witness add",
  summary: "Let a witness watch a log, from its next checkpoint on",
  reportsFaults: true,
  options: [
    stateOption,
    {
      flags: "--key <verifier key>",
      words: "verifier key of the log, as its key status prints it (required)",
      parse: (text) => parseVerifierKey(text) && text.trim(),
    },
    { flags: "--origin <name>", words: "first line of the log's checkpoints (default: the name in the key)" },
    { flags: "--replace", words: "from now on this key, instead of the one the log was watched with" },
  ],
  help: `A running witness takes it up at once. What a log signed before it was added is believed as it is; from then on nothing else is cosigned.
A log that handed over to another signing key is refused until --replace names that one. What was cosigned stays as it is: the new key has to continue it.

Examples:
  sovereign-ledger witness add --state /var/lib/witness --key "$(ssh other sovereign-ledger key status --json | jq -r .verifierKey)"
  sovereign-ledger witness add --state /var/lib/witness --replace --key "sovereign-ledger/70583a446d5c0ea3+4c2e...+AZ..."`,
  run: async ({ terminal, json }, flags) => {
    const keyText = flags["key"] as string | undefined
    if (keyText === undefined) throw new Fault("cli.usage", { problem: "Say which key signs the log's checkpoints: --key VERIFIERKEY." })
    const logs = logsOf(flags)
    const origin = (flags["origin"] as string | undefined) ?? parseVerifierKey(keyText).name
    if (/\p{Cc}/u.test(origin) || origin === "") throw new Fault("cli.usage", { problem: "--origin takes one line of text." })
    logs.prepare()
    const { log, added } = await logs.locked(() => watch(logs, origin, keyText, flags["replace"] === true))
    const words = added ? `${plain(origin)} is watched, by the key ${plain(keyText)}.` : `${plain(origin)} was watched by this key already.`
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, added, ...shown(logs, log) })}\n` : `${words}\n`)
    return 0
  },
}

function watch(logs: WatchedLogs, origin: string, keyText: string, replaces: boolean): { readonly log: KnownLog; readonly added: boolean } {
  const known = logs.read(origin)
  if (known?.keyTexts.length === 1 && known.keyTexts[0] === keyText) return { log: known, added: false }
  if (known && !replaces) throw new Fault("witness.log-known", { origin, keys: known.keyTexts.join(", ") })
  if (!known && replaces) throw new Fault("cli.usage", { problem: `${origin} is not watched yet: leave --replace out.` })
  const log = { ...(known ?? unseenLog(origin)), keyTexts: [keyText], keys: [parseVerifierKey(keyText)] }
  logs.write(log)
  return { log, added: true }
}

export const witnessList: CommandRow = {
  path: "witness list",
  summary: "The logs a witness watches, what it cosigned last, and who contradicted themselves",
  reportsFaults: true,
  options: [stateOption],
  help: `Exit status: 1 when something was refused that contradicts what was cosigned; the files named hold what was signed, and what it contradicts.
FORKED is proven: the log signed two trees of one size. REFUSED may also have been somebody who holds a checkpoint of the log and sent it with a wrong
proof: let "verify --against" tell, on the log's machine, and remove the file when the checkpoint is the ledger's.

Example:
  sovereign-ledger witness list --state /var/lib/witness --json`,
  run: async ({ terminal, json, nowMs }, flags) => {
    const logs = logsOf(flags)
    const rows = logs.list().map((log) => shown(logs, log))
    const { red, yellow } = terminal.colors
    const lines = rows.flatMap(({ origin, size, cosignedAt, contradictions }) => [
      `${plain(origin)}  ${cosignedAt === null ? "nothing cosigned yet" : `${countWords(size, "entry", "entries")} cosigned, ${agoWords(cosignedAt, nowMs)}`}`,
      ...contradictions.map(({ proven, at, why, file }) => {
        const words = `  ${proven ? "✗ FORKED" : "? REFUSED"} ${agoWords(at, nowMs)}: ${plain(why)}; kept in ${file}`
        return proven ? red(words) : yellow(words)
      }),
    ])
    const text = lines.length === 0 ? "No log is watched yet: sovereign-ledger witness add\n" : `${lines.join("\n")}\n`
    await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, logs: rows })}\n` : text)
    return rows.some(({ contradictions }) => contradictions.length > 0) ? 1 : 0
  },
}

function shown(logs: WatchedLogs, { origin, keyTexts, size, root, note, cosignedS }: KnownLog) {
  return {
    origin,
    keys: keyTexts,
    size,
    root: root.toString("base64"),
    cosignedAt: cosignedS === null ? null : isoOf(cosignedS),
    checkpoint: note,
    contradictions: logs.contradictions(origin).map(({ atS, why, proven, file }) => ({ at: isoOf(atS), why, proven, file })),
  }
}

function isoOf(timeS: number): string {
  return new Date(timeS * 1000).toISOString()
}
