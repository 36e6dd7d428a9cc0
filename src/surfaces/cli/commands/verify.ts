/** sovereign-ledger verify */
import { Fault } from "../../../base/fault.ts"
import type { KeptNote } from "../../../journal/checkpoint-notes.ts"
import { verifyRange } from "../../../journal/verify-range.ts"
import { verifyStore } from "../../../journal/verify-store.ts"
import { fileSource } from "../../../verify/file-source.ts"
import { capVerdictExit, verifyCapProof } from "../../../verify/cap-proof.ts"
import { verifyExport } from "../../../verify/offline.ts"
import { verifyMapProof } from "../../../verify/map-proof.ts"
import { verifyProof } from "../../../verify/proof.ts"
import { verdictExit, type VerifyReport } from "../../../verify/verdict.ts"
import { capReportText } from "../../render/cap-proof-text.ts"
import { proofReportText } from "../../render/proof-text.ts"
import { verifyText } from "../../render/verify-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { readText } from "../input-file.ts"
import { wholeNumber } from "../numbers.ts"
import { signedHead } from "../signed-head.ts"
import { onSteadyHeap } from "../steady-heap.ts"
import { handOversOption, keyOption, trustedKey } from "../trusted-key.ts"
import { reading } from "./events.ts"
import { namedAuthorities, pinnedAuthorities, timestampOption } from "./timestamp-flag.ts"
import { namedWitnesses, pinnedWitnesses, witnessOption } from "./witness-flag.ts"

const anySequence = (flag: string) => wholeNumber(flag, 0, Number.MAX_SAFE_INTEGER)

export const verify: CommandRow = {
  path: "verify",
  summary: "Check every entry, the chain, the tree, every checkpoint and every payload",
  options: [
    { flags: "--from <sequence>", words: "only entries from this one on, inclusive; says what was not looked at", parse: anySequence("--from") },
    { flags: "--to <sequence>", words: "only entries up to this one, inclusive", parse: anySequence("--to") },
    { flags: "--against <note>", words: "compare with a checkpoint kept elsewhere: a file, or - for standard input" },
    { flags: "--headers", words: "leave payloads sealed: headers, chain, tree and checkpoints only" },
    { flags: "--offline <file>", words: "check an export instead of the ledger; needs no ledger and no secret key" },
    { flags: "--proof <file>", words: "check a proof made by prove or smt proof; needs no ledger and no secret key" },
    { flags: "--cap-proof <file>", words: "check a proof made by cap-proof; needs no ledger and no secret key" },
    keyOption("with --offline, --proof or --cap-proof: a verifier key"),
    handOversOption,
    witnessOption,
    timestampOption,
  ],
  help: `Nothing is sampled and nothing is excused. Verdicts:
  valid, valid with erasures   exit 0
  unverifiable                 exit 2   (could not be checked to the end: a key is missing; or what was erased is there again)
  invalid                      exit 1   (something was changed; the entries it touches are named)
  exceeded                     exit 1   (of a cap proof: everything in it is right, and the cap was exceeded)

A ledger that was rolled back or rewritten as a whole agrees with itself. What shows it is a checkpoint kept where it could not be reached:
the note beside the directory is compared by itself, any other with --against.

Cosignatures of witnesses are checked against the keys that are pinned: those of the setting witnesses, and those named here, without which
nothing is called valid; of an export only those named here. Whether a witness has seen more than stands here only it can say: witness check.

Time-stamps are checked in the same way, against the certificates of the setting timestampAuthorities and those named by --timestamp-ca.

Examples:
  sovereign-ledger verify
  sovereign-ledger verify --from 1000 --to 1999 --against /mnt/elsewhere/2026-11-20.note
  sovereign-ledger verify --offline export.ndjson --key "$(cat verifier.key)" --witness "$(cat witness.key)"
  sovereign-ledger verify --offline export.ndjson --key "$(cat verifier.key)" --timestamp-ca authority-ca.pem
  sovereign-ledger verify --proof event-42.proof.json --key "$(cat verifier.key)"
  sovereign-ledger verify --cap-proof november.cap-proof --key "$(cat verifier.key)"`,
  run: (context, flags) => {
    const files = ["offline", "proof", "capProof"].filter((name) => flags[name] !== undefined)
    const ofLedger = ["from", "to", "against", "headers"].filter((name) => flags[name] !== undefined)
    const apart = [...files, ...ofLedger]
    if (files.length > 0 && apart.length > 1) throw new Fault("cli.usage", { problem: `${flagWords(apart[0])} and ${flagWords(apart[1])} do not go together.` })
    const part = ["from", "to", "proof"].find((name) => flags[name] !== undefined)
    if (part !== undefined && flags["witness"] !== undefined) throw new Fault("cli.usage", { problem: `--${part} and --witness do not go together.` })
    const unstamped = [part, ...files].find((name) => name !== undefined && name !== "offline")
    if (unstamped !== undefined && flags["timestampCa"] !== undefined)
      throw new Fault("cli.usage", { problem: `${flagWords(unstamped)} and --timestamp-ca do not go together.` })
    if (flags["offline"] !== undefined) return verifyExportFile(context, flags)
    if (flags["capProof"] !== undefined) return verifyCapFile(context, flags)
    return flags["proof"] === undefined ? verifyLedger(context, flags) : verifyProofFile(context, flags)
  },
}

async function verifyLedger(context: CommandContext, flags: Flags): Promise<number> {
  const [from, to] = [flags["from"] as number | undefined, flags["to"] as number | undefined]
  const against = keptNotes(flags)
  const inPart = from !== undefined || to !== undefined
  const signed = inPart ? await signedHead(context) : undefined
  return reading(context, async (access) => {
    const options = {
      payloads: flags["headers"] !== true,
      against,
      witnesses: pinnedWitnesses(context, flags),
      anchors: pinnedAuthorities(context, flags),
      onProgress: onSteadyHeap(context.terminal.progress("Verifying")),
    }
    const head = signed === undefined ? undefined : { text: signed, where: "the head that the writer signed" }
    const report = inPart ? verifyRange(access, { ...options, from: from ?? 0, to: to ?? Number.MAX_SAFE_INTEGER, head }) : verifyStore(access, options)
    return show(context, report, access.files.directory)
  })
}

function keptNotes(flags: Flags): readonly KeptNote[] {
  const file = flags["against"] as string | undefined
  return file === undefined ? [] : [{ text: readText(file), where: file === "-" ? "the note on standard input" : `the note ${file}` }]
}

async function verifyExportFile(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["offline"] as string
  const witnesses = namedWitnesses(flags).map(({ key }) => ({ key, required: true }))
  return show(context, await verifyExport(fileSource(file), { ...trustedKey(context, flags), witnesses, anchors: namedAuthorities(flags) }), file)
}

async function verifyProofFile(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["proof"] as string
  const [text, trusted] = [readText(file), trustedKey(context, flags)]
  const report = verifyMapProof(text, trusted) ?? verifyProof(text, trusted)
  const { terminal, nowMs } = context
  const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), subject: file, ...report }
  await terminal.write(context.json ? `${JSON.stringify(body)}\n` : proofReportText(report, file, terminal))
  return verdictExit[report.verdict]
}

async function verifyCapFile(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["capProof"] as string
  const { terminal, nowMs } = context
  const witnesses = namedWitnesses(flags).map(({ key }) => ({ key, required: true }))
  const report = verifyCapProof(fileSource(file), { ...trustedKey(context, flags), witnesses })
  const body = { schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), subject: file, ...report }
  await terminal.write(context.json ? `${JSON.stringify(body)}\n` : capReportText(report, file, terminal))
  return capVerdictExit[report.verdict]
}

function flagWords(name = ""): string {
  return name === "capProof" ? "--cap-proof" : `--${name}`
}

async function show(context: CommandContext, report: VerifyReport, what: string): Promise<number> {
  const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), subject: what, ...report }
  await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : verifyText(report, what, context.terminal))
  return verdictExit[report.verdict]
}
