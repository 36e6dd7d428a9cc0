/** sovereign-ledger verifier */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../../base/fault.ts"
import type { CommandRow } from "../command.ts"
import { openSink } from "../sink.ts"

const command = "sovereign-ledger verifier"

export const verifierCommand: CommandRow = {
  path: "verifier",
  summary: "Write the verifier that strangers use: one page for a browser, or one file for Node; nothing to install",
  options: [
    { flags: "--html", words: "verify.html, a page that checks evidence in a browser (the default)" },
    { flags: "--mjs", words: "verify.mjs, which Node runs: node verify.mjs FILE --keys KEYS" },
    { flags: "--out <file>", words: "write it to a file (mode 0600) instead of standard output; refuses to replace one" },
  ],
  help: `Whoever trusts nobody gets evidence of this ledger, keys by another way, and one of these. It checks receipts and bundles, exports, signed checkpoints,
proofs of inclusion, exclusion and consistency, and cap proofs. It needs no network, can send nothing, and has nothing of the rest of this program in it.

The SHA-256 that is told is that of the file: whoever gets it compares it with the one that is published for this version (verify.sha256 in the package).

Examples:
  sovereign-ledger verifier --out verify.html
  sovereign-ledger verifier --mjs --out verify.mjs
  sovereign-ledger verifier --mjs | sha256sum`,
  run: async (context, flags) => {
    if (flags["html"] === true && flags["mjs"] === true) throw new Fault("cli.usage", { problem: "--html and --mjs do not go together.", command })
    const out = flags["out"] as string | undefined
    if (context.json && out === undefined)
      throw new Fault("cli.usage", { problem: "--json goes with --out: without it the verifier is what is written.", command })
    const name = flags["mjs"] === true ? "verify.mjs" : "verify.html"
    const text = builtVerifier(name)
    const sink = openSink(context, out)
    await sink.write(text)
    sink.close()
    const sha256 = createHash("sha256").update(text).digest("hex")
    const body = { schemaVersion: 1, file: out ?? null, verifier: name, sizeBytes: Buffer.byteLength(text), sha256 }
    if (context.json) await context.terminal.write(`${JSON.stringify(body)}\n`)
    else if (out !== undefined) context.terminal.note(`${name} written to ${out}. Its SHA-256, to be compared with the published one:\n${sha256}`)
    return 0
  },
}

/** It stands in the package beside this program. */
function builtVerifier(name: string): string {
  const file = join(import.meta.dirname, name)
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
  }
}
