/**
 * verify.mjs: evidence is checked by one file and Node, and nothing is installed or asked. The one thing taken from Node's modules are the calls that read a file;
 * they are taken here and nowhere else, and a test counts them.
 */
import { problemOf } from "../../base/fault.ts"
import { memorySource, wholeOf, type ByteSource } from "../byte-source.ts"
import { evidenceExit } from "../evidence/evidence.ts"
import { heldTogether, type Given } from "../evidence/together.ts"
import { joinPins, parsePins, type Pins } from "../evidence/pins.ts"
import { examineSettled } from "./examine-settled.ts"
import { findingText } from "./finding-text.ts"
import { plain, plainPage } from "../../base/plain-text.ts"

const usage = `Usage: node verify.mjs FILE... [--keys FILE]... [--key TEXT]... [--json]

Checks evidence of Sovereign Ledger, with keys that you pin and nothing else: PEAC receipts (.jws) and bundles (.peacbundle), exports (.ndjson),
signed checkpoints, proofs of inclusion, exclusion and consistency, cap proofs. FILE may be -, for standard input.

  --keys FILE   keys you got by another way than the evidence: a JWKS of who signs receipts, verifier keys of ledgers and witnesses (name+hash+key, one a
                line), what "sovereign-ledger key status --json" prints, or certificates of time-stamp authorities (PEM)
  --key TEXT    the same, written here
  --json        what was found, as JSON

Exit status: 0 all valid, 1 something is invalid (or a cap was exceeded), 2 something could not be checked to its end, or told.
`

const mostKeyBytes = 1 << 24

type Files = {
  readonly openSync: (path: string, flags: "r") => number
  readonly readSync: (file: number, room: Uint8Array, at: number, length: number, position: number | null) => number
  readonly fstatSync: (file: number) => { readonly size: number }
  readonly closeSync: (file: number) => void
}

type Asked = { readonly files: readonly string[]; readonly pins: Pins; readonly json: boolean }

async function main(args: readonly string[]): Promise<number> {
  const files = process.getBuiltinModule("node:fs") as Files
  if (args.length === 0 || args.includes("--help")) return say(usage, args.length === 0 ? 2 : 0)
  const asked = askedIn(args, files)
  if ("problem" in asked) return say(`${plain(asked.problem)}\n\n${usage}`, 2, process.stderr)
  const given: Given[] = []
  for (const file of asked.files) given.push({ file, finding: await examineSettled(sourceOf(file, files), asked.pins) })
  const found = heldTogether(given).map(({ numbered: _, ...finding }, at) => ({ file: asked.files[at] ?? "", ...finding }))
  const exits = found.map(({ verdict }) => evidenceExit[verdict])
  const exit = exits.includes(1) ? 1 : exits.includes(2) ? 2 : 0
  return say(asked.json ? `${JSON.stringify({ schemaVersion: 1, files: found })}\n` : found.map((one) => findingText(one.file, one)).join("\n"), exit)
}

function say(text: string, exit: number, stream: { readonly write: (text: string) => unknown } = process.stdout): number {
  stream.write(plainPage(text, false))
  return exit
}

function askedIn(args: readonly string[], files: Files): Asked | { readonly problem: string } {
  const [named, pinned]: [string[], Pins[]] = [[], []]
  let json = false
  for (let at = 0; at < args.length; at++) {
    const argument = args[at] ?? ""
    if (argument === "--json") json = true
    else if (argument === "--keys" || argument === "--key") {
      const value = args[++at]
      if (value === undefined) return { problem: `${argument} wants a value.` }
      const pins = pinsIn(argument, value, files)
      if ("problem" in pins) return { problem: `${argument === "--key" ? "The key" : value} cannot be pinned: ${pins.problem}.` }
      pinned.push(pins)
    } else if (argument.startsWith("--")) return { problem: `There is no ${argument}.` }
    else named.push(argument)
  }
  return named.length === 0 ? { problem: "No file was named." } : { files: named, pins: joinPins(pinned), json }
}

function pinsIn(option: string, value: string, files: Files): Pins | { readonly problem: string } {
  if (option === "--key") return parsePins(value)
  try {
    const bytes = wholeOf(sourceOf(value, files), mostKeyBytes)
    return bytes ? parsePins(bytes.toString("utf8")) : { problem: `it is larger than ${mostKeyBytes} bytes` }
  } catch (error) {
    return { problem: problemOf(error) }
  }
}

function sourceOf(path: string, files: Files): ByteSource {
  const isInput = path === "-"
  const name = isInput ? "standard input" : path
  // What tells no size, a pipe, can be read once.
  let piped: ByteSource | undefined
  const open = () => {
    if (piped) return piped.open()
    const file = isInput ? 0 : files.openSync(path, "r")
    const close = () => (isInput ? undefined : files.closeSync(file))
    const size = isInput ? 0 : files.fstatSync(file).size
    if (size === 0) {
      try {
        piped = memorySource(name, readToEnd(file, files))
      } finally {
        close()
      }
      return piped.open()
    }
    return {
      next: (room: Buffer, at: number) => files.readSync(file, room, at, room.length - at, null),
      last: (mostBytes: number) => lastOf(file, size, mostBytes, files),
      close,
    }
  }
  return { name, open }
}

function lastOf(file: number, size: number, mostBytes: number, files: Files): Buffer {
  const bytes = Buffer.alloc(Math.min(size, mostBytes))
  return bytes.subarray(0, files.readSync(file, bytes, 0, bytes.length, size - bytes.length))
}

function readToEnd(file: number, files: Files): Buffer {
  const parts: Buffer[] = []
  for (;;) {
    const room = Buffer.alloc(1 << 16)
    const read = files.readSync(file, room, 0, room.length, null)
    if (read === 0) return Buffer.concat(parts)
    parts.push(room.subarray(0, read))
  }
}

/** An exit status of 1 says that something is invalid; that nobody heard the answer is no such thing. */
process.stdout.on("error", (error) => {
  if (!("code" in error && error.code === "EPIPE")) process.stderr.write(`The answer could not be written: ${plain(problemOf(error))}.\n`)
  process.exit(2)
})
process.exitCode = await main(process.argv.slice(2))
