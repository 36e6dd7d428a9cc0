/**
 * What the journal alone takes for the entries of an import of everything: as many of them, with as much content, already made and already in memory,
 * appended one commit after the other by the process itself. No import can take less.
 */
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { batchMost } from "../src/operations/commit-queue.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { benchVersion, makeHome, removeHome } from "./ledger-home.ts"

export type Floor = { readonly entries: number; readonly contentBytes: number }

/** Milliseconds in `append`, those of moving the log into the file included. */
export function appendAlone(host: string, { entries, contentBytes }: Floor): number {
  const home = makeHome("floor")
  const ledger = openLedger(home.files, home.secrets, { nowMs: Date.now(), version: benchVersion })
  const contents = linesOf(host)
  const scope = ledger.scopes.resolve({ session: "floor" }, Date.now())
  let [written, bytes, spentMs] = [0, 0, 0]
  while (written < entries) {
    const batch = Array.from({ length: batchMost }, (_, index) => {
      const id = `message.written:toolResult/call_${written + index}/1790000000000`
      // Texts stand in every other entry or so: the rest tells of the same row what is no text.
      const content = bytes < (contentBytes * (written + index)) / entries ? contents[(written + index) % contents.length] : undefined
      bytes += content?.length ?? 0
      const facts = { id, imported: true, agent: "main", atMs: 1_790_000_000_000, via: "before_message_write", role: "toolResult", length: 4_000, tool: "exec" }
      return { type: "message.written", id, scope, factsText: Buffer.from(JSON.stringify(facts)), contentText: content, isBulk: true }
    })
    const fromMs = performance.now()
    ledger.journal.append(batch, Date.now())
    written += batchMost
    if (written % (10 * batchMost) === 0) ledger.journal.checkpointLog("PASSIVE")
    spentMs += performance.now() - fromMs
  }
  ledger.close()
  removeHome(home)
  return spentMs
}

/** Lines of a few of its transcripts: contents as an import has them. */
function linesOf(host: string): readonly Buffer[] {
  const sessions = join(host, "agents", "agent-0", "sessions")
  const texts = readdirSync(sessions)
    .slice(0, 30)
    .map((name) => readFileSync(join(sessions, name), "utf8"))
  return texts.flatMap((text) => text.split("\n").flatMap((line) => (line === "" ? [] : Buffer.from(line))))
}
