/** sovereign-ledger receipts keys */
import { Fault } from "../../../base/fault.ts"
import { issuerDocument, publishedText, type IssuerDocument, type KeySet } from "../../../format/peac/key-set.ts"
import { receiptKeys } from "../../../views/receipt-keys.ts"
import type { CommandRow } from "../command.ts"
import { openSink } from "../sink.ts"
import { reading } from "./events.ts"

export const receiptsKeys: CommandRow = {
  path: "receipts keys",
  summary: "The public keys that receipts are checked with, as a JWKS",
  options: [
    { flags: "--out <file>", words: "write them to a file instead; refuses to replace one" },
    { flags: "--issuer <origin>", words: "print peac-issuer.json instead, for https://<issuer>/.well-known/: where the keys are published" },
  ],
  help: `Give them to whoever checks receipts, by another way than the receipts: who pins them needs nobody's word. All keys that ever signed are in them, the one that signs
now is the last. A hand-over of the ledger's key (key hand-over) is their rotation; those that were revoked (receipts revoke) are listed in revoked_keys.

Examples:
  sovereign-ledger receipts keys --out jwks.json
  sovereign-ledger receipts keys --issuer https://agents.example.com --out peac-issuer.json`,
  run: (context, flags) =>
    reading(context, async (access) => {
      const issuer = flags["issuer"] as string | undefined
      const body = issuer === undefined ? receiptKeys(access) : issuerConfig(issuer, receiptKeys(access))
      const out = flags["out"] as string | undefined
      const sink = openSink(context, out)
      try {
        await sink.write(publishedText(body))
      } finally {
        sink.close()
      }
      if (out === undefined) return 0
      const written = { schemaVersion: 1, generatedAt: new Date(context.nowMs).toISOString(), file: out }
      if (context.json) await context.terminal.write(`${JSON.stringify(written)}\n`)
      else context.terminal.note(`Public keys written to ${out}.`)
      return 0
    }),
}

/** What a verifier that goes by the issuer's name asks for first. */
function issuerConfig(issuer: string, keys: KeySet): IssuerDocument {
  const document = issuerDocument(issuer, keys)
  if (!document) throw new Fault("cli.usage", { problem: `--issuer takes a bare https origin such as https://agents.example.com, not "${issuer}".` })
  return document
}
