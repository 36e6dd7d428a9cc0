/** A fork repeats so much of another session that all of it on its way would be too much: it is kept until the end, and nobody waits for it before. */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { jsonOf, makeHome } from "../cli/home.ts"

/** More than the 32 MB of events that may be on their way to the disk, in texts that live capture would not cut. */
const [rows, characters] = [620, 58_000]

test("an import of everything reads a session and its large fork, and does not wait for itself", async (t) => {
  const home = makeHome(t)
  const sessions = join(home.directory, "host", "agents", "main", "sessions")
  mkdirSync(sessions, { recursive: true })
  const startMs = Date.now() - 86_400_000
  const head = (id: string, atMs: number, more: object) => ({ type: "session", version: 3, id, timestamp: new Date(atMs).toISOString(), ...more })
  const said = Array.from({ length: rows }, (_, row) => {
    const timestamp = startMs + row
    const message = { role: "user", content: `${row} ${"x".repeat(characters)}`, timestamp }
    return { type: "message", id: `u-${row}`, timestamp: new Date(timestamp).toISOString(), message }
  })
  const texts = said.map((row) => `${JSON.stringify(row)}\n`).join("")
  writeFileSync(join(sessions, "first.jsonl"), `${JSON.stringify(head("first", startMs, {}))}\n${texts}`)
  writeFileSync(join(sessions, "fork.jsonl"), `${JSON.stringify(head("fork", startMs + 3_600_000, { parentSession: "first" }))}\n${texts}`)
  const { child, ended } = home.start(["import", join(home.directory, "host"), "--dry-run", "--json"])
  const tooLong = setTimeout(() => child.kill("SIGKILL"), 60_000)
  const { exit, stdout, stderr, signal } = await ended
  clearTimeout(tooLong)
  assert.deepEqual([exit, signal], [0, null], stderr)
  const { sources, events } = jsonOf<{ readonly sources: { readonly read: number }; readonly events: { readonly found: number; readonly recorded: number } }>({
    exit,
    stdout,
    stderr,
    signal,
  })
  // Each session with its beginning; what was said is told of the fork, too.
  assert.deepEqual([sources.read, events.found, events.recorded], [2, 2 * (rows + 1), 2 * (rows + 1)])
})
