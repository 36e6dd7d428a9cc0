/**
 * What a first reader of an agent's store does: every row, unpacked, parsed, and its usage added up.
 *
 *   node naive-store.mjs STORE
 */
import { DatabaseSync } from "node:sqlite"
import { zstdDecompressSync } from "node:zlib"

const database = new DatabaseSync(process.argv[2] ?? "", { readOnly: true })
let [calls, tokens] = [0, 0]
for (const { event_json: json, event_zstd: packed } of database.prepare("SELECT event_json, event_zstd FROM transcript_events").iterate()) {
  const row = JSON.parse(typeof json === "string" ? json : zstdDecompressSync(/** @type {Uint8Array} */ (packed)).toString("utf8"))
  const usage = row.message?.usage
  if (!usage) continue
  calls++
  tokens += usage.input + usage.output + usage.cacheRead + usage.cacheWrite
}
process.stdout.write(`${calls} calls, ${tokens} tokens\n`)
