/** sovereign-ledger smt root | proof | verify; trees and chain are questions (`questions/map.ts`) */
import { Fault } from "../../../base/fault.ts"
import { mapProofText, parseMapProof } from "../../../format/map-proof.ts"
import { canBeRecorded } from "../../../format/plain-part.ts"
import { formsOfId } from "../../../operations/recorded-ids.ts"
import { headCheckpoint } from "../../../views/checkpoints.ts"
import { checkRoots, mapView, proveInMap, refuseOtherTree, shortProofProblems } from "../../../views/event-map.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { keyStoreExists } from "../../../vault/key-store.ts"
import { shortProofWords, spellingWords, verifyMapProof } from "../../../verify/map-proof.ts"
import type { ProofReport } from "../../../verify/proof.ts"
import { verdictExit } from "../../../verify/verdict.ts"
import { mapLines, rootsText } from "../../render/map-text.ts"
import { plainId } from "../../render/words.ts"
import { proofReportText } from "../../render/proof-text.ts"
import { askWriter, ensureWriter } from "../../socket/writer-link.ts"
import type { CommandContext, CommandRow, Flags, OptionRow } from "../command.ts"
import { readText } from "../input-file.ts"
import { linkOf } from "../ledger-order.ts"
import { signedHead } from "../signed-head.ts"
import { openSink } from "../sink.ts"
import { handOversOption, keyOption, trustedKey } from "../trusted-key.ts"
import { reading } from "./events.ts"

/** A ledger of millions whose map was never made takes minutes. */
const commitWithinMs = 600_000

const treeOption: OptionRow = { flags: "--tree <key>", words: "this map, by its name or how it begins, as smt trees shows it; a ledger has one" }

export const smtRoot: CommandRow = {
  path: "smt root",
  summary: "The root of the map of event ids, and the last one that is on record",
  options: [treeOption, { flags: "--commit", words: "have the writer put the root over all that is recorded on record; one is started where none runs" }],
  help: `The map has one place for every event id there can be, and under the ids that are recorded the hash of their first entry. What its root is, is recorded as an
entry map.committed and so signed with everything else: by it the ledger proves that something was not recorded.

Exit status: 0; 1 there is no such map.

Examples:
  sovereign-ledger smt root
  sovereign-ledger smt root --commit --json`,
  run: async (context, flags) => {
    if (flags["commit"] === true) {
      await ensureWriter(linkOf(context))
      await askWriter(linkOf(context), "commit-map", commitWithinMs)
    }
    return reading(context, async (access) => {
      refuseOtherTree(access, flags["tree"] as string | undefined)
      const map = mapView(access)
      return show(context, map, mapLines(map))
    })
  },
}

export const smtProof: CommandRow = {
  path: "smt proof",
  summary: "Prove that an event, such as a tool call, was recorded, or that it was not",
  argument: { name: "<event id>", words: "the whole id, such as tool.invoked:RUN/CALL; events show has the ids of what is recorded" },
  options: [
    treeOption,
    { flags: "--out <file>", words: "write the proof to a file (mode 0600) instead of standard output; refuses to replace one" },
    { flags: "--short", words: "leave out what leads from the map to a signed checkpoint, and the salt: 1 kB for who has the ledger" },
  ],
  help: `One small JSON file, of an id that is there or is not. A running writer puts the root over all that is recorded on record for it; without one the last root that stands there
serves, and the proof says over how many entries. It is checked without the ledger, today or in ten years:
  sovereign-ledger verify --proof FILE --key KEY

Parts of an id that could name somebody (with other characters than letters, digits and _ . : # -, more than six digits in a row, or longer than 96) are recorded as
pseudonyms. Name a call by the ids that the host gave: its proof is of the id that such a call has on record, and both are told.

It discloses the id and, unless it is short, the salt of all id hashes: who has it can try ids on every id hash that he sees. It shows no other id, and nothing that anybody wrote.

Exit status: 0 proved, one or the other; 1 there is no such map; 2 no root of it is on record, or there is no ledger.

Examples:
  sovereign-ledger smt proof tool.invoked:8f14e45f-ceea-467f-a8f0-1f2e3d4c5b6a/call_7 --out absent.proof
  sovereign-ledger smt proof tool.invoked:-/call_7 --short`,
  run: async (context, flags, id = "") => {
    if (/^#?\d*$/.test(id))
      throw new Fault("cli.usage", {
        problem: `"${id}" is no event id: sovereign-ledger prove proves an entry by its number.`,
        command: "sovereign-ledger smt proof",
      })
    await committedByWriter(context)
    const signed = await signedHead(context)
    return reading(context, async (access) => {
      refuseOtherTree(access, flags["tree"] as string | undefined)
      const [isShort, out] = [flags["short"] === true, flags["out"] as string | undefined]
      const proof = proveInMap(access, { id, others: otherForms(access, id), head: headCheckpoint(access, signed), isShort })
      const text = mapProofText(proof)
      const sink = openSink(context, out)
      await sink.write(`${text}\n`)
      sink.close()
      const { proves, size } = proof
      const isOther = proof.id !== id.toWellFormed()
      if (isOther && (out === undefined || !context.json))
        context.terminal.note(`${plainId(id)} stands on record, if it does, as ${plainId(proof.id)}: ${standIns}`)
      if (out === undefined) return 0
      if (context.json) return show(context, { file: out, proves, asked: id, id: proof.id, size, bytes: Buffer.byteLength(text) + 1 }, "")
      const found = proves === "recorded" ? "is recorded" : "is NOT recorded"
      context.terminal.note(
        `By the map of the first ${size} entries the event ${found}. Proof written to ${out}. To check it: sovereign-ledger smt verify ${out} --key KEY`,
      )
      return 0
    })
  },
}

const standIns = "parts of an id that could name somebody are recorded as pseudonyms. The proof is of that id."

/** @throws {Fault} `store.incomplete` without scopes.db, where only a pseudonym could be on record. */
function otherForms({ scopes, files }: LedgerAccess, id: string): readonly string[] {
  if (!scopes && !canBeRecorded(id)) throw new Fault("store.incomplete", { file: files.scopes, other: files.journal })
  return scopes ? formsOfId(id, scopes).slice(1) : []
}

export const smtVerify: CommandRow = {
  path: "smt verify",
  summary: "Check a proof of smt proof; without one, every root on record against the journal",
  argument: { name: "[proof]", words: "the proof: a file, - for standard input, or the JSON itself" },
  options: [{ flags: "--proof <proof>", words: "the same" }, keyOption("a verifier key"), handOversOption],
  help: `A proof with its way to a signed checkpoint is checked by the key alone: no ledger is needed. A short one is held against the roots that are on record in the ledger at hand.
Without a proof the map is made anew from the journal and compared with every root on record.

Exit status: 0 it is right and its root is known; 1 it is not, it cannot be read, or its root is unknown; 2 there is no root or key to hold it against.

Examples:
  sovereign-ledger smt verify absent.proof --key "$(cat verifier.key)"
  sovereign-ledger smt proof tool.invoked:-/call_7 | sovereign-ledger smt verify -
  sovereign-ledger smt verify`,
  run: (context, flags, argument) => {
    const named = argument ?? (flags["proof"] as string | undefined)
    if (argument !== undefined && flags["proof"] !== undefined) throw new Fault("cli.usage", { problem: "Name a proof once, with or without --proof." })
    return named === undefined ? verifyRoots(context) : verifyGiven(context, flags, named)
  },
}

async function verifyRoots(context: CommandContext): Promise<number> {
  return reading(context, async (access) => {
    const roots = checkRoots(access, context.terminal.progress("Making the map anew"))
    const exit = roots.length === 0 ? 2 : roots.some(({ problem }) => problem !== null) ? 1 : 0
    await show(context, { verdict: exit === 0 ? "valid" : exit === 1 ? "invalid" : "unverifiable", roots }, rootsText(roots, context.terminal))
    return exit
  })
}

async function verifyGiven(context: CommandContext, flags: Flags, named: string): Promise<number> {
  const isText = named.trimStart().startsWith("{")
  const text = isText ? named : readText(named)
  const subject = isText ? "the proof" : named
  const report = await judged(context, text, verifyMapProof(text, trustedKey(context, flags)) ?? unreadable)
  await show(context, { subject, ...report }, proofReportText(report, subject, context.terminal))
  return verdictExit[report.verdict]
}

const unreadable: ProofReport = {
  verdict: "invalid",
  proves: null,
  statement: "",
  entry: null,
  checkpoints: [],
  signedBy: null,
  problems: ["it is no proof from a map of event ids"],
  notes: [],
}

/** A short proof is as good as its root, which the ledger at hand knows or does not. */
async function judged(context: CommandContext, text: string, report: ProofReport): Promise<ProofReport> {
  const parsed = parseMapProof(text)
  if (!report.notes.includes(shortProofWords) || parsed === "other" || "wrong" in parsed || !keyStoreExists(context.files.directory)) return report
  const { proof } = parsed
  const problems = await reading(context, async (access) => shortProofProblems(access, proof))
  if (!problems) return { ...report, notes: ["No root is on record in this ledger: sovereign-ledger smt root --commit"] }
  if (problems.length > 0) return { ...report, verdict: "invalid", notes: [], problems }
  const found = proof.proves === "recorded" ? "is among" : "was NOT recorded: it is not among"
  return {
    ...report,
    verdict: "valid",
    notes: [],
    statement: `${plainId(proof.id)} ${found} the first ${proof.size} entries, by a root that is on record in this ledger.${spellingWords(proof)}`,
  }
}

/** By a writer that runs; where there is none, or one that does not know the question, what is on record serves. */
async function committedByWriter({ socket }: CommandContext): Promise<void> {
  try {
    await askWriter({ socketPath: socket, role: "cli" }, "commit-map", commitWithinMs)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
  }
}

async function show(context: CommandContext, body: object, text: string): Promise<number> {
  const { terminal, nowMs, json } = context
  await terminal.write(json ? `${JSON.stringify({ schemaVersion: 1, generatedAt: new Date(nowMs).toISOString(), ...body })}\n` : text)
  return 0
}
