/** sovereign-ledger prove */
import { existsSync } from "node:fs"
import { Fault } from "../../../base/fault.ts"
import { proofText, type Proof } from "../../../format/proof.ts"
import { headCheckpoint, outsideNote, storedCheckpoint, type Note } from "../../../views/checkpoints.ts"
import { entryNamed } from "../../../views/event-list.ts"
import type { LedgerAccess } from "../../../views/ledger-access.ts"
import { proveConsistency, proveEntry } from "../../../views/proof.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { proofPage } from "../../page/proof-page.ts"
import { readText } from "../input-file.ts"
import { wholeNumber } from "../numbers.ts"
import { signedHead } from "../signed-head.ts"
import { openSink } from "../sink.ts"
import { reading } from "./events.ts"

export const prove: CommandRow = {
  path: "prove",
  summary: "Prove to a stranger that an event stands in the ledger, or that nothing before a checkpoint was changed",
  argument: { name: "[event]", words: "its sequence number or its id" },
  options: [
    { flags: "--out <file>", words: "write the proof to a file (mode 0600) instead of standard output; refuses to replace one" },
    { flags: "--html <file>", words: "write the proof as one page that checks itself in any recent browser, without a network" },
    { flags: "--facts", words: "disclose the event's facts" },
    { flags: "--content", words: "disclose its content: what people wrote, arguments, results, in plain text" },
    { flags: "--id", words: "disclose its id, and with it the salt of all id hashes: who has it can try ids on every entry it can see" },
    { flags: "--checkpoint <size>", words: "prove against this stored checkpoint instead of the head", parse: wholeNumber("--checkpoint", 1, 2 ** 53 - 1) },
    { flags: "--from-checkpoint <which>", words: "prove consistency: size of a stored checkpoint, or a file with a note of this ledger" },
    { flags: "--to-checkpoint <which>", words: "with --from-checkpoint: the later one, likewise (default: the head)" },
  ],
  help: `A proof is one small file. Without --facts, --content or --id it shows the header alone: place, time, type and salted hashes.
It is checked without the ledger, on any machine, today or in ten years:
  sovereign-ledger verify --proof FILE --key KEY
A running writer signs the head for it; without one the last stored checkpoint serves.

Examples:
  sovereign-ledger prove 42 --facts --out event-42.proof.json
  sovereign-ledger prove 42 --facts --content --html event-42.html
  sovereign-ledger prove --from-checkpoint kept.note`,
  run: async (context, flags, argument) => {
    const wanted = questionOf(flags, argument)
    const signed = await signedHead(context)
    return reading(context, async (access) => {
      const proof = wanted === undefined ? consistency(access, flags, signed) : inclusion(access, wanted, flags, signed)
      return handOut(context, proof, flags["out"] as string | undefined, flags["html"] as string | undefined)
    })
  },
}

/** The event asked for; undefined when the question is about two checkpoints. */
function questionOf(flags: Flags, argument: string | undefined): string | undefined {
  const between = flags["fromCheckpoint"] !== undefined
  const usage = (problem: string) => new Fault("cli.usage", { problem })
  if (between && argument !== undefined) throw usage("Name an event or --from-checkpoint, not both.")
  if (!between && argument === undefined) throw usage("Say what to prove: an event, or --from-checkpoint.")
  if (!between && flags["toCheckpoint"] !== undefined) throw usage("--to-checkpoint goes with --from-checkpoint.")
  const ofEvents = ["facts", "content", "id", "checkpoint"].filter((name) => flags[name] !== undefined)
  if (between && ofEvents.length > 0) throw usage(`--${ofEvents[0]} goes with an event, not with --from-checkpoint.`)
  return argument
}

function inclusion(access: LedgerAccess, wanted: string, flags: Flags, signed: string | undefined): Proof {
  const entry = entryNamed(access, wanted)
  const size = flags["checkpoint"] as number | undefined
  const note = size === undefined ? headCheckpoint(access, signed) : storedCheckpoint(access, size)
  const [id, facts, content] = [flags["id"] === true, flags["facts"] === true, flags["content"] === true]
  return proveEntry(access, entry, note, { id, facts, content })
}

function consistency(access: LedgerAccess, flags: Flags, signed: string | undefined): Proof {
  const later = flags["toCheckpoint"] as string | undefined
  return proveConsistency(
    access,
    checkpointNamed(access, flags["fromCheckpoint"] as string),
    later === undefined ? headCheckpoint(access, signed) : checkpointNamed(access, later),
  )
}

function checkpointNamed(access: LedgerAccess, which: string): Note {
  if (/^\d{1,15}$/.test(which) && !existsSync(which)) return storedCheckpoint(access, Number(which))
  return outsideNote(access, readText(which), which)
}

async function handOut(context: CommandContext, proof: Proof, out: string | undefined, html: string | undefined): Promise<number> {
  const text = proofText(proof)
  if (out !== undefined || html === undefined) await write(context, out, `${text}\n`)
  if (html !== undefined) await write(context, html, proofPage(text))
  if (out === undefined && html === undefined) return 0
  const body = { schemaVersion: 1, file: out ?? null, html: html ?? null, proves: proof.proves, bytes: Buffer.byteLength(text) + 1 }
  if (context.json) await context.terminal.write(`${JSON.stringify(body)}\n`)
  if (out !== undefined && !context.json)
    context.terminal.note(`Proof written to ${out} (${body.bytes} B). To check it: sovereign-ledger verify --proof ${out} --key KEY`)
  if (html !== undefined && !context.json) context.terminal.note(`Page written to ${html}. It opens in any recent browser and checks itself.`)
  return 0
}

async function write(context: CommandContext, path: string | undefined, text: string): Promise<void> {
  const sink = openSink(context, path)
  await sink.write(text)
  sink.close()
}
