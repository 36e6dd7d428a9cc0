/** The credential as a person types it, at a real terminal: it is asked for, it is never shown, and two that differ change nothing. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { test } from "node:test"
import { requireTool } from "../tools.ts"
import { cliSource, makeRig, type Rig } from "../writer/rig.ts"

const terminal = requireTool("script")

/** Runs a command at a terminal of its own and types an answer to each question as it is asked. Answers what the person saw. */
function typing(
  rig: Rig,
  words: readonly string[],
  answers: readonly (readonly [question: RegExp, text: string])[],
): Promise<{ seen: string; status: number | null }> {
  const places = ["--data-dir", rig.directory, "--key-file", rig.keyFile, "--head-note", rig.files.headNote]
  const command = [process.execPath, "--no-warnings", cliSource, ...words, ...places].map((word) => `'${word}'`).join(" ")
  const child = spawn("script", ["-qfec", command, "/dev/null"], { env: { ...rig.environment, TERM: "xterm" }, stdio: ["pipe", "pipe", "inherit"] })
  const left = [...answers]
  let seen = ""
  let read = 0
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    seen += part
    const next = left[0]
    const found = next?.[0].exec(seen.slice(read))
    if (!next || !found) return
    read += found.index + found[0].length
    left.shift()
    child.stdin.write(`${next[1]}\r`)
  })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status) => resolve({ seen, status }))
  })
}

test("the operator's credential is asked for twice, and later once, and stands nowhere on the screen", terminal, async (t) => {
  const rig = makeRig(t)
  const [secret, other] = ["only the operator types this", "something else entirely"]
  const fresh = /The new credential: $/
  const again = /The same once more: $/
  const differing = await typing(
    rig,
    ["operator", "set-credential"],
    [
      [fresh, secret],
      [again, other],
    ],
  )
  assert.match(differing.seen, /The two were not the same, and nothing was changed/)
  assert.deepEqual([differing.status, rig.entries("operator.credential-set").length], [2, 0])
  const set = await typing(
    rig,
    ["operator", "set-credential"],
    [
      [fresh, secret],
      [again, secret],
    ],
  )
  assert.match(set.seen, /From now on loosening asks for the credential/)
  const asked = /The operator's credential: $/
  const removal = ["operator", "set-credential", "--remove", "--credential-file", "-"]
  assert.match((await typing(rig, removal, [[asked, other]])).seen, /Refused: .*needs the operator's credential/)
  const removed = await typing(rig, removal, [[asked, secret]])
  assert.equal(removed.status, 0, removed.seen)
  assert.equal(rig.entries("operator.credential-set").length, 2)
  for (const { seen } of [differing, set, removed]) assert.ok(!seen.includes(secret) && !seen.includes(other), seen)
})
