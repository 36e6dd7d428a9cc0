/** sovereign-ledger anchors list | check | export */
import { AnchorTally, type AnchorSeen } from "../../../verify/anchor-tally.ts"
import { anchorOf, anchorStandings, isFalse, keptAnchors, listAnchors, type AnchorView } from "../../../views/anchors.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { witnessRows } from "../../../views/witness-rows.ts"
import { anchorName, anchorSeenWords, anchorStandingWords } from "../../render/anchor-text.ts"
import { agoWords, countWords, plain } from "../../render/words.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { newFile } from "../sink.ts"
import { runningWriter } from "../running-writer.ts"
import { reading } from "./events.ts"
import { pinnedAuthorities, timestampOption } from "./timestamp-flag.ts"

export const anchorsList: CommandRow = {
  path: "anchors list",
  summary: "Who outside has anchored this ledger, when, and up to which entry",
  options: [{ flags: "--last <n>", words: "how many anchors (default 20)", parse: wholeNumber("--last", 1, 1_000_000) }],
  help: `An anchor is a third party's signed word, with its own time, that it was shown a checkpoint: what was recorded up to there is not younger than that, and was
not changed since. Time-stamp authorities are named in the setting timestampAuthorities. Witnesses, who remember and refuse to see a ledger go back, are shown
beside them. Each anchor is an entry that names the one before it: docs/guides/anchors.md.

Exit status: 1 when one of those that are asked gave a false answer.

Examples:
  sovereign-ledger anchors list
  sovereign-ledger anchors list --last 5 --json`,
  run: async (context, flags) => {
    const writer = await runningWriter(context.socket)
    return reading(context, async (access) => {
      const standings = anchorStandings(access, writer)
      const { anchors, total } = listAnchors(access, (flags["last"] ?? 20) as number)
      const witnesses = witnessRows(access.reader.cosignatures.last(), writer)
      const { terminal, nowMs, json } = context
      const body = {
        schemaVersion: 1,
        generatedAt: new Date(nowMs).toISOString(),
        total,
        truncated: total > anchors.length,
        authorities: standings,
        witnesses,
        anchors,
      }
      const lines = [
        ...standings.map((one) => anchorStandingWords(one, nowMs, terminal.colors)),
        ...witnesses.map(
          ({ witness, seenSize, seenAt }) =>
            `witness ${plain(witness)} has seen ${countWords(seenSize, "entry", "entries")}${seenAt === null ? "" : `, ${agoWords(seenAt, nowMs)}`}`,
        ),
        ...anchors.map((one) => anchorLine(one)),
      ]
      const none = "Nobody anchors this ledger: name a time-stamp authority in the setting timestampAuthorities (docs/guides/anchors.md).\n"
      await terminal.write(json ? `${JSON.stringify(body)}\n` : lines.length === 0 ? none : `${lines.join("\n")}\n`)
      return standings.some(({ state }) => isFalse(state)) ? 1 : 0
    })
  },
}

function anchorLine({ number, sequence, size, at, kind, authority, reference }: AnchorView): string {
  return `  ${String(number).padStart(4)}  #${sequence}  ${at}  ${countWords(size, "entry", "entries")}  ${anchorName({ kind, authority })}  ${plain(reference)}`
}

export const anchorsCheck: CommandRow = {
  path: "anchors check",
  summary: "Check every anchor that stands in the ledger against the certificates that are pinned",
  options: [timestampOption],
  help: `Each is checked by itself: that it follows the one before it, that it is about the checkpoint beside it, and that its time-stamp leads to a certificate of the
setting timestampAuthorities or of --timestamp-ca. Whether that checkpoint is about the entries that stand here is what verify looks at, too.

Exit status: 0 every anchor is good; 1 one of them is not; 2 there is none, or one leads to no certificate that is pinned.

Examples:
  sovereign-ledger anchors check
  sovereign-ledger anchors check --timestamp-ca authority-ca.pem --json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const { problems, seen, words } = checked(access, context, flags)
      const { terminal, nowMs, json } = context
      const good = problems.length === 0 && seen.length > 0 && seen.every(({ checked }) => checked) && words.length === 0
      const body = {
        schemaVersion: 1,
        generatedAt: new Date(nowMs).toISOString(),
        subject: access.files.directory,
        good,
        anchors: seen,
        problems,
        notes: words,
      }
      const { red, green, yellow, dim } = terminal.colors
      const lines = [
        ...problems.map(({ sequence, what }) => `${red("✗")} #${sequence}: ${plain(what)}`),
        ...seen.map((one) => `${one.checked ? green("✓") : yellow("?")} ${anchorSeenWords(one)}`),
        ...words.map((text) => dim(text)),
      ]
      await terminal.write(json ? `${JSON.stringify(body)}\n` : lines.length === 0 ? "No anchor stands in this ledger yet.\n" : `${lines.join("\n")}\n`)
      return problems.length > 0 ? 1 : good ? 0 : 2
    }),
}

type Checked = {
  readonly problems: readonly { readonly sequence: number; readonly what: string }[]
  readonly seen: readonly AnchorSeen[]
  readonly words: readonly string[]
}

function checked(access: LedgerAccess, context: CommandContext, flags: Flags): Checked {
  const tally = new AnchorTally(pinnedAuthorities(context, flags))
  const chain = access.keyChain()
  const problems: { sequence: number; what: string }[] = []
  for (const { sequence, anchor } of keptAnchors(access)) {
    const note = anchor && chain.check(anchor.note)
    const why = anchor ? (tally.placed(anchor, false) ?? (note?.ok === false ? note.why : undefined) ?? tally.take(anchor)) : "it is not well formed"
    if (why !== undefined) problems.push({ sequence, what: `the anchor cannot be trusted: ${why}` })
  }
  return { problems, seen: tally.rows, words: tally.words }
}

export const anchorsExport: CommandRow = {
  path: "anchors export",
  summary: "Write an anchored checkpoint and its proof to files that other programs check",
  argument: { name: "<file>", words: "the checkpoint to write; the proof goes beside it, with .tst (a time-stamp token) or .json at its end; never replaced" },
  options: [{ flags: "--number <n>", words: "this anchor instead of the newest", parse: wholeNumber("--number", 1, Number.MAX_SAFE_INTEGER) }],
  help: `A time-stamp is checked by any program that knows RFC 3161, with the certificate that the authority publishes:
  openssl ts -verify -data FILE -in FILE.tst -token_in -CAfile ca.pem
The checkpoint is a C2SP signed note; verify --against FILE says whether the ledger still begins with its entries.

Examples:
  sovereign-ledger anchors export anchored.note
  sovereign-ledger anchors export 2026-11.note --number 12 --json`,
  run: (context, flags, argument) =>
    reading(context, async (access) => {
      const file = argument ?? ""
      const anchor = anchorOf(access, flags["number"] as number | undefined)
      const proofFile = `${file}${anchor.kind === "rfc3161" ? ".tst" : ".json"}`
      newFile(file, anchor.note)
      newFile(proofFile, Buffer.from(anchor.proof, "base64"))
      const { kind, authority, number, size, atMs, reference } = anchor
      const body = { schemaVersion: 1, file, proofFile, kind, authority, number, size, at: new Date(atMs).toISOString(), reference }
      if (context.json) await context.terminal.write(`${JSON.stringify(body)}\n`)
      else
        context.terminal.note(
          `Checkpoint over ${countWords(size, "entry", "entries")} written to ${file}, and what ${anchorName(anchor)} gave for it to ${proofFile}.`,
        )
      return 0
    }),
}
