/** The one-file verifiers as they are built, and evidence of every kind to give them. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { buildVerifiers, type BuiltVerifiers } from "../../../scripts/build-verifiers.ts"
import { exportRows } from "../../../src/views/export.ts"
import type { LedgerAccess } from "../../../src/views/ledger-access.ts"
import { anchoredLines, type Anchored } from "../../anchor/anchored-lines.ts"
import { makeIdentities, needsOpenssl } from "../../anchor/authority.ts"
import { eventAt, temporaryDirectory, temporaryLedger, type Ending } from "../../ledger-fixture.ts"
import { proofOf, wholeMonth } from "../../spec/cap-cases.ts"
import { goodProofs } from "../../spec/proof-cases.ts"
import { goodMapProofs } from "../map-proof-cases.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "../peac/made-records.ts"

let built: Promise<BuiltVerifiers> | undefined

/** Built once a process. */
export function builtVerifiers(): Promise<BuiltVerifiers> {
  return (built ??= buildVerifiers("0.0.0-test"))
}

export type Evidence = {
  readonly directory: string
  /** By file name. */
  readonly files: ReadonlyMap<string, Buffer>
  /** What to pin, as a file each. */
  readonly keys: {
    readonly receipts: string
    readonly ledger: string
    readonly map: string
    readonly held: string
    readonly exceeded: string
    readonly anchored: string
  }
  /** The certificate that the time-stamps of anchored.ndjson lead to, and no other file has any. */
  readonly authority: string
  readonly foreign: string
}

/** One good file of every kind, with the keys for it, in a directory of its own. */
export async function goodEvidence(t: Ending, receipts = 5): Promise<Evidence> {
  const directory = temporaryDirectory(t)
  const [issuer, stranger] = [newKey(), newKey()]
  const records = Array.from({ length: receipts }, (_, n) => ({ claims: claimsOf(n), jws: jwsOf(claimsOf(n), issuer) }))
  const proofs = goodProofs(t, { handOvers: 1 })
  const ledger = temporaryLedger(t)
  ledger.append(60)
  const erased = temporaryLedger(t)
  erased.append(60)
  const session = eventAt(1).scope?.session ?? ""
  erased.destroyKeys(`session = '${session}'`)
  erased.record({ type: "content.erased", id: "e", facts: { erasure: "ABC", by: "session", who: "0011", scopes: 1, scopeIds: [] } })
  const [held, over] = [wholeMonth(t, { handOvers: 1 }), wholeMonth(t, { isOver: true })]
  const map = goodMapProofs(t)
  const anchored = needsOpenssl.skip === undefined ? anchoredIn(t, directory) : undefined
  const { verifierKey, handOvers } = map.ledger.keys().store
  const files = new Map<string, Buffer>([
    ["receipt.jws", Buffer.from(`${records[0]?.jws}\n`)],
    ["receipts.jws", Buffer.from(records.map(({ jws }) => `${jws}\n`).join(""))],
    ["month.peacbundle", zipOf(bundleFiles(records, issuer))],
    ["entry.proof.json", Buffer.from(`${proofs.proofs[2]}\n`)],
    ["grown.proof.json", Buffer.from(`${proofs.proofs.at(-2)}\n`)],
    ["head.note", Buffer.from(proofs.notes.at(-1) ?? "")],
    ["here.proof.json", Buffer.from(`${map.texts[5]}\n`)],
    ["absent.proof.json", Buffer.from(`${map.texts.at(-1)}\n`)],
    ["export.ndjson", Buffer.from(lines(ledger.read()))],
    ["erased.ndjson", Buffer.from(lines(erased.read()))],
    ...(anchored ? ([["anchored.ndjson", Buffer.from(anchored.text)]] as const) : []),
    ["november.cap-proof", Buffer.from((await proofOf(held.access(), "2026-11")).text)],
    ["exceeded.cap-proof", Buffer.from((await proofOf(over.access(), "2026-11")).text)],
  ])
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes)
  const put = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return name
  }
  return {
    directory,
    files,
    keys: {
      receipts: put("jwks.json", JSON.stringify({ keys: [issuer.jwk] })),
      ledger: put("ledger.keys", [...proofs.keys, ...[ledger, erased].map((one) => one.keys().store.verifierKey)].join("\n")),
      anchored: put("anchored.key", anchored?.verifierKey ?? ""),
      map: put("map.json", JSON.stringify({ verifierKey, handOvers })),
      held: put("held.key", held.ledger.keys().store.verifierKey),
      exceeded: put("exceeded.key", `${over.ledger.keys().store.verifierKey}\n`),
    },
    authority: put("authority.pem", anchored?.authority ?? ""),
    foreign: put("foreign.json", JSON.stringify({ keys: [stranger.jwk] })),
  }
}

function anchoredIn(t: Ending, directory: string): Anchored & { readonly authority: string } {
  const { ca, stamper } = makeIdentities(join(directory, "pki"))
  return { ...anchoredLines(t, directory, stamper), authority: readFileSync(ca.certificate, "utf8") }
}

function lines(access: LedgerAccess): string {
  return [...exportRows(access, { includeContent: true })].map((row) => `${JSON.stringify(row)}\n`).join("")
}
