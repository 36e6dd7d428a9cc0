/** peac_receipts.export_bundle: what `receipts export --session` gives, into a new directory, and without a word of receipts that are not the session's. */
import type { JsonObject } from "../../base/json.ts"
import { buildVersion } from "../../version.ts"
import { bundleOf, mostInBundle } from "../../views/receipt-bundle.ts"
import { receiptKeys } from "../../views/receipt-keys.ts"
import { listReceipts } from "../../views/receipts.ts"
import { storedZip } from "../cli/stored-zip.ts"
import { writeConfined } from "./confined.ts"
import type { Parameters } from "./parse-parameters.ts"
import { filterOf } from "./receipts-query.ts"
import { refused } from "./refusal.ts"
import { timeText, type Tool } from "./tool.ts"

export const bundleName = "receipts.peacbundle"
export const manifestName = "manifest.json"

export const receiptsExport: Tool = (parameters, { session, directory, nowMs, reading }) => {
  const root = rootOf(directory)
  return reading((access) => {
    const filter = filterOf(parameters, session)
    const { receipts, total } = listReceipts(access, filter, mostInBundle)
    if (total === 0) throw refused("No receipt of this session is of what was asked for", "peac_receipts.query lists those there are.")
    if (total > mostInBundle) {
      const [next] = listReceipts(access, filter, 1, total - mostInBundle - 1).receipts
      throw refused(
        `${total.toLocaleString("en")} receipts are of what was asked for, and a bundle has at most ${mostInBundle.toLocaleString("en")}`,
        `Export them in parts: the first with until ${timeText(next?.occurredMs ?? nowMs)}, the next with since that.`,
      )
    }
    const rows = receipts.toReversed()
    const keys = receiptKeys(access)
    const files = bundleOf(access, { rows, keys, selection: selectionOf(parameters), nowMs, version: buildVersion, alone: true })
    const bundle = storedZip(files, nowMs)
    const manifest = files.find(({ name }) => name === manifestName)?.bytes ?? Buffer.alloc(0)
    const path = parameters.text("output_path") ?? `peac-bundle-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`
    const written = writeConfined(root, path, [
      { name: manifestName, bytes: manifest },
      { name: bundleName, bytes: bundle },
    ])
    return {
      status: "ok",
      message: `Written. ${bundleName} is what to hand out; who checks it needs the public keys by another way (sovereign-ledger receipts keys).`,
      path: written,
      files: [manifestName, bundleName],
      receipt_count: rows.length,
      first_time: timeText(rows.at(0)?.occurredMs ?? null),
      last_time: timeText(rows.at(-1)?.occurredMs ?? null),
      bundle_bytes: bundle.length,
      key_ids: keys.keys.map(({ kid }) => kid),
      truncated: false,
    }
  })
}

/** @throws {Fault} `tool.refused` */
export function rootOf(directory: string | undefined): string {
  if (directory === undefined)
    throw refused(
      "No directory is known in which files may be read or written for this session",
      "Ask the operator: sovereign-ledger mcp takes --directory, and for agents in a sandbox there is sovereign-ledger receipts export on the machine.",
    )
  return directory
}

/** What was asked for, as the bundle tells who gets it; a session's key may name a person, and stays here. */
function selectionOf({ text }: Parameters): JsonObject {
  const told = { run: text("workflow_id"), since: text("since"), until: text("until") }
  return { session: "one", ...(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as JsonObject) }
}
