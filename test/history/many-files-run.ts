/**
 * A host with tens of thousands of transcripts, most of them in one directory: all are found, each call is on record once, in memory that does not grow with
 * their number, and a second import of them reads none.
 */
import assert from "node:assert/strict"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import { findSources } from "../../src/history/find-sources.ts"
import { cliSource, jsonOf, type Home } from "../cli/home.ts"

export type ManyFiles = { readonly findMs: number; readonly firstMs: number; readonly againMs: number; readonly mostMb: number }

type Written = { readonly calls: number; readonly input: number; readonly output: number; readonly listed: number }

export async function importManyFiles(home: Home, files: number, mostMb: number): Promise<ManyFiles> {
  const host = join(home.directory, "host")
  const written = writeMany(host, files, Date.now() - 5 * 86_400_000)
  const findMs = timed(() => {
    const { sources, troubles } = findSources(host)
    assert.deepEqual(troubles, [])
    assert.equal(sources.length, files)
    assert.equal(new Set(sources.map(({ path }) => path)).size, files)
    assert.equal(sources.filter(({ place }) => place.channel === "telegram").length, written.listed)
  })
  assert.equal((await home.run("key create")).exit, 0)
  const first = await imported(home, host)
  const { sources, recorded, unreadable } = first.report
  assert.deepEqual([sources, recorded, unreadable], [{ found: files, unchanged: 0, read: files, failed: 0 }, written.calls, 0])
  const { total } = jsonOf<{ readonly total: Readonly<Record<string, number>> }>(await home.run("spend --since 30d --json"))
  assert.deepEqual([total["calls"], total["input"], total["output"]], [written.calls, written.input, written.output])
  const again = await imported(home, host)
  assert.deepEqual([again.report.sources, again.report.recorded], [{ found: files, unchanged: files, read: 0, failed: 0 }, 0])
  assert.ok(first.mostMb <= mostMb && again.mostMb <= mostMb, `${first.mostMb} and ${again.mostMb} MB are at most ${mostMb}`)
  return { findMs, firstMs: first.ms, againMs: again.ms, mostMb: Math.max(first.mostMb, again.mostMb) }
}

type Report = { readonly sources: object; readonly recorded: number; readonly unreadable: number }

/** Its last word is how much memory it had at most: of the program itself, where the system tells that apart from what started it (proc(5), VmHWM). */
const tellMemory = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from "node:fs"
  const status = () => (existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "")
  process.on("exit", () => process.stderr.write("kb " + (/VmHWM:\\s*(\\d+) kB/.exec(status())?.[1] ?? process.resourceUsage().maxRSS)))
`)}`

async function imported(home: Home, host: string): Promise<{ readonly report: Report; readonly ms: number; readonly mostMb: number }> {
  const startedMs = performance.now()
  const said = await home.start(["import", host, "--usage-only", "--json"], [process.execPath, "--no-warnings", "--import", tellMemory, cliSource]).ended
  assert.equal(said.exit, 0, said.stdout + said.stderr)
  const kb = /kb (\d+)$/.exec(said.stderr)?.[1]
  assert.ok(kb !== undefined, said.stderr)
  return { report: jsonOf<Report>(said), ms: performance.now() - startedMs, mostMb: Math.round(Number(kb) / 1_024) }
}

/** Seven tenths lie in one directory. One file in twenty is a copy that a reset left of the one before it, one in a hundred is packed. */
function writeMany(host: string, files: number, startMs: number): Written {
  const [listed, latest]: [Record<string, object>, Record<string, { readonly path: string; readonly text: string }>] = [{}, {}]
  const [directories, sum] = [new Set<string>(), { calls: 0, input: 0, output: 0, listed: 0 }]
  for (let file = 0; file < files; file++) {
    const agent = file % 100 < 70 ? "crowd" : file % 100 < 95 ? "pair" : "few"
    const directory = join(host, "agents", agent, "sessions")
    if (!directories.has(directory)) mkdirSync(directory, { recursive: true })
    directories.add(directory)
    const before = latest[agent]
    if (file % 20 === 19 && before !== undefined) {
      writeFileSync(`${before.path}.reset.2026-10-01T10-00-00.000Z`, before.text)
      // A copy is of the session of the file it was made from.
      if (before.path in listed) sum.listed++
      continue
    }
    const path = join(directory, `session-${file}.jsonl`)
    const text = transcript(file, startMs + file * 10, sum)
    latest[agent] = { path, text }
    if (file % 100 === 7) writeFileSync(`${path}.deleted.2026-10-01T10-00-00.000Z.zst`, zstdCompressSync(text))
    else writeFileSync(path, text)
    if (agent !== "crowd" || file % 3 !== 0) continue
    listed[path] = { sessionId: `session-${file}`, channel: "telegram" }
    sum.listed++
  }
  const list = Object.values(listed).map((entry, at) => [`agent:crowd:telegram:direct:${at}`, entry])
  writeFileSync(join(host, "agents", "crowd", "sessions", "sessions.json"), JSON.stringify(Object.fromEntries(list)))
  return sum
}

function transcript(file: number, atMs: number, sum: { calls: number; input: number; output: number }): string {
  const head = { type: "session", version: 3, id: `session-${file}`, timestamp: new Date(atMs).toISOString() }
  const calls = Array.from({ length: 1 + (file % 3) }, (_, call) => {
    const usage = { input: file + call, output: 1 + call }
    sum.calls++
    sum.input += usage.input
    sum.output += usage.output
    const message = { role: "assistant", content: [], provider: "anthropic", model: "claude-haiku-4-5", usage, stopReason: "stop", timestamp: atMs + call }
    return { type: "message", id: `m-${file}-${call}`, timestamp: new Date(atMs + call).toISOString(), message }
  })
  return [head, ...calls].map((row) => `${JSON.stringify(row)}\n`).join("")
}

function timed(act: () => void): number {
  const startedMs = performance.now()
  act()
  return performance.now() - startedMs
}
