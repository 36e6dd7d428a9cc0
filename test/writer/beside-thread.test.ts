/** A real writer and the thread beside it, from source and as it is installed: the thread is there, its work is done, and the log stays short under load. */
import assert from "node:assert/strict"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { test } from "node:test"
import { gateCall, observeCall } from "./load.ts"
import { cliSource, makeRig, until } from "./rig.ts"
import { builtVersion } from "./versions.ts"

const events = 24_000
const text = "words of a result that nobody will read ".repeat(10)
const frameBytes = 4096 + 24

/** Names of a process's threads; undefined where the system does not list them. */
function threadsOf(pid: number): readonly string[] | undefined {
  const tasks = `/proc/${pid}/task`
  return existsSync(tasks) ? readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/comm`, "utf8").trim()) : undefined
}

for (const from of ["source", "the package"]) {
  test(`from ${from}: projections follow, and the log is never as long as what was appended`, async (t) => {
    const rig = makeRig(t)
    const writer = await rig.writer([], { cli: from === "source" ? cliSource : (await builtVersion("1.2.3")).cli })
    const client = rig.client()
    const log = `${rig.files.journal}-wal`
    for (let i = 0; i < events; i++) {
      observeCall(client, `beside-${i}`, text)
      if (i % 2_000 === 0) assert.ok(!((await gateCall(client, `gate-${i}`)) instanceof Error))
    }
    await client.flush(60_000)
    const pages = statSync(log).size / frameBytes
    await until(async () => {
      const { projected, entries } = await rig.status()
      return projected === entries
    }, "projections have followed")
    const threads = threadsOf(writer.pid)
    if (threads) assert.ok(threads.includes("beside"), threads.join(", "))
    client.close()
    await rig.stopWriter()
    const { stderr } = await writer.ended
    assert.equal(stderr.split("\n").length, 2, stderr)
    assert.equal(statSync(log, { throwIfNoEntry: false })?.size ?? 0, 0)
    const appendedPages = statSync(rig.files.journal).size / 4096
    assert.ok(appendedPages > 3_000, `only ${appendedPages} pages were appended`)
    assert.ok(pages < appendedPages, `the log grew to ${pages} pages while ${appendedPages} were appended`)
    assert.equal(rig.verify().verdict, "valid")
  })
}
