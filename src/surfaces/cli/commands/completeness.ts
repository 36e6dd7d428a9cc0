/** sovereign-ledger completeness */
import { createPublicKey, verify as verifySignature } from "node:crypto"
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import { parseVerifierKey } from "../../../format/checkpoint.ts"
import { compareWithHost, completenessExit } from "../../../views/completeness.ts"
import type { ReadHost } from "../../../views/completeness-host.ts"
import { ledgerRecord } from "../../../views/completeness-record.ts"
import { checkStatement, mostStatementBytes, signedStatement } from "../../../views/completeness-statement.ts"
import { signedHeadAt } from "../../../views/signed-head.ts"
import { keyStoreExists, readKeyStore } from "../../../vault/key-store.ts"
import { completenessText, statementText } from "../../render/completeness-text.ts"
import type { CommandContext, CommandRow, Flags } from "../command.ts"
import { wholeNumber } from "../numbers.ts"
import { stateDirectory } from "../state-directory.ts"
import { timeOf } from "../times.ts"
import { reading } from "./events.ts"

/** The composition root hands this in: surfaces do not import it. */
let loadReader: () => Promise<ReadHost> = () => Promise.reject(new Fault("cli.usage", { problem: "This program cannot read the host's stores." }))

export function provideHostReader(load: () => Promise<ReadHost>): void {
  loadReader = load
}

/** Rows at the edge of the window have their counterparts within a day: times of a row and of its hook are milliseconds apart, those of a run hours. */
const marginMs = 86_400_000
const listedByDefault = 1_000

export const completeness: CommandRow = {
  path: "completeness",
  summary: "Is everything in the record? The journal against the host's own stores",
  options: [
    {
      flags: "--since <time>",
      words: "from this time on: 30m, 24h or 7d back from now, a day such as 2026-11-20, or ISO 8601 with an offset (default: everything)",
    },
    { flags: "--until <time>", words: "up to this time, in the same words (default: now)" },
    { flags: "--run <id>", words: "only this run" },
    { flags: "--limit <n>", words: "most things in each list of the JSON body (default 1,000)", parse: wholeNumber("--limit", 1, 1_000_000) },
    { flags: "--host-dir <directory>", words: "state directory of the host (default: the one the ledger lies in, else that of the environment)" },
    { flags: "--statement <file>", words: "write what was found as a note signed by the ledger's key; refuses to replace a file" },
    { flags: "--check <file>", words: "check such a note instead; needs no ledger, no host and no secret key" },
    {
      flags: "--key <verifier key>",
      words: "with --check: the verifier key the operator gave you; without it the key of the ledger in --data-dir, if there is one",
      parse: (text) => parseVerifierKey(text) && text,
    },
  ],
  help: `Reads the host's transcripts, trajectories and audit trail from this command's own process, read-only; a running gateway is not disturbed.
Missing: the host has it, our record does not. Extra: we have it, the host does not. What happened before the record began, or inside a gap
the journal tells of itself, is counted apart. A model call is "seen" when our record has its row, else "unseen".

Exit status: 0 complete, 1 something is missing (or, with --check, the note is not good), 2 it could not be compared.

Examples:
  sovereign-ledger completeness --since 7d
  sovereign-ledger completeness --statement october.note
  sovereign-ledger completeness --check october.note --key "$(cat verifier.key)"`,
  run: (context, flags) => (flags["check"] === undefined ? compare(context, flags) : check(context, flags)),
}

async function compare(context: CommandContext, flags: Flags): Promise<number> {
  const { nowMs, terminal } = context
  const fromMs = timeOf(flags, "since", nowMs) ?? 0
  const toMs = timeOf(flags, "until", nowMs) ?? nowMs + 1
  if (toMs <= fromMs) throw new Fault("cli.usage", { problem: "--until must be after --since." })
  const directory = hostDirectory(context, flags)
  const read = await loadReader()
  return reading(context, async (access) => {
    // The journal is read last: what the host writes meanwhile is in our record too by then, never the other way round.
    const host = read(directory, { fromMs: Math.max(0, fromMs - marginMs), toMs: toMs + marginMs })
    const record = ledgerRecord(access, terminal.progress("Reading the journal"))
    const run = (flags["run"] as string | undefined) ?? null
    const limit = (flags["limit"] as number | undefined) ?? listedByDefault
    const found = compareWithHost(host, record, { fromMs, toMs, run, limit, nowMs })
    const generatedAt = new Date(nowMs).toISOString()
    const window = { since: flags["since"] === undefined ? null : new Date(fromMs).toISOString(), until: new Date(toMs).toISOString(), run }
    if (flags["statement"] !== undefined) {
      writeNew(flags["statement"] as string, signedStatement(found, record, window, generatedAt, signedHeadAt(access, record.size)))
      terminal.note(`Statement written to ${String(flags["statement"])}.`)
    }
    const settings = { ...window, limit, hostDirectory: directory, timeZone: "utc" }
    const body = { schemaVersion: 1, generatedAt, settings, ...found }
    await terminal.write(context.json ? `${JSON.stringify(body)}\n` : completenessText(found, window, terminal))
    return completenessExit[found.verdict]
  })
}

async function check(context: CommandContext, flags: Flags): Promise<number> {
  const file = flags["check"] as string
  const ours = keyStoreExists(context.files.directory) ? readKeyStore(context.files.directory) : undefined
  const key = (flags["key"] as string | undefined) ?? ours?.verifierKey
  if (key === undefined) throw new Fault("cli.usage", { problem: "--check needs --key: there is no ledger here whose key could be taken." })
  const result = checkStatement(readNote(file), parseVerifierKey(key), isSignedBy, ours?.handOvers)
  const body = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), file, ...result }
  await context.terminal.write(context.json ? `${JSON.stringify(body)}\n` : statementText(result, file, context.terminal))
  if (!result.ok) return result.readable ? 1 : 2
  return completenessExit[result.verdict]
}

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex")

export function isSignedBy(publicKey: Buffer, text: Buffer, signature: Buffer): boolean {
  return verifySignature(null, text, createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" }), signature)
}

/** A ledger that lies in a host's state directory is of that host, whatever the environment says. */
function hostDirectory(context: CommandContext, flags: Flags): string {
  if (flags["hostDir"] !== undefined) return resolve(flags["hostDir"] as string)
  const around = dirname(context.files.directory)
  return existsSync(join(around, "state", "openclaw.sqlite")) ? around : stateDirectory(context.places.environment)
}

export function readNote(file: string, mostBytes = mostStatementBytes): string {
  try {
    // More than a statement can hold is read only far enough to be refused.
    return statSync(file).size > 4 * mostBytes ? "" : readFileSync(file, "utf8")
  } catch (error) {
    throw new Fault("store.unreadable", { file, problem: problemOf(error) }, error)
  }
}

function writeNew(path: string, text: string): void {
  try {
    const file = openSync(path, "wx", 0o600)
    try {
      writeFileSync(file, text)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      throw new Fault("cli.usage", { problem: `${path} exists already; name another file.` }, error)
    }
    throw new Fault("store.write-failed", { file: path, problem: problemOf(error) }, error)
  }
}
