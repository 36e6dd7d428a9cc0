/** The built package hands out the verifiers that it was built with, and tells their hashes as they are published in it. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { buildPackage, type BuiltPackage } from "../../scripts/build.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"

describe("verifier", () => {
  const directory = temporaryDirectory({ after })
  let built: BuiltPackage
  before(async () => {
    built = await buildPackage({ out: join(directory, "built"), pack: false })
  })
  const run = (...args: readonly string[]) => {
    const command = ["--no-warnings", built.cliPath, "verifier", ...args]
    return spawnSync(process.execPath, command, {
      cwd: directory,
      encoding: "utf8",
      maxBuffer: 1 << 24,
      env: { PATH: process.env["PATH"] ?? "", HOME: directory },
    })
  }
  const inPackage = (name: string) => readFileSync(join(built.directory, name), "utf8")
  const hash = (text: string) => createHash("sha256").update(text).digest("hex")

  test("writes the page or the module, once, and tells the hash that is published", () => {
    const published = new Map(
      inPackage("verify.sha256")
        .trimEnd()
        .split("\n")
        .map((line) => [line.slice(66), line.slice(0, 64)]),
    )
    for (const [name, flags] of [
      ["verify.html", []],
      ["verify.mjs", ["--mjs"]],
    ] as const) {
      const { status, stdout, stderr } = run(...flags, "--out", `my-${name}`)
      const written = readFileSync(join(directory, `my-${name}`), "utf8")
      assert.deepEqual([status, stdout, written === inPackage(name)], [0, "", true])
      assert.equal(published.get(name), hash(written))
      assert.ok(stderr.includes(hash(written)), stderr)
      assert.equal(run(...flags).stdout, written)
      const again = run(...flags, "--out", `my-${name}`)
      assert.deepEqual([again.status, /exists already/.test(again.stderr)], [2, true])
      const { sha256, sizeBytes, file } = JSON.parse(run(...flags, "--json", "--out", `other-${name}`).stdout) as Record<string, unknown>
      assert.deepEqual([sha256, sizeBytes, file], [hash(written), Buffer.byteLength(written), `other-${name}`])
    }
    assert.equal(run("--html", "--mjs").status, 2)
    assert.equal(run("--json").status, 2)
  })

  test("what it wrote runs where nothing else is", () => {
    const [empty, page] = [temporaryDirectory({ after }), run().stdout]
    writeFileSync(join(empty, "verify.mjs"), run("--mjs").stdout)
    const { status, stdout } = spawnSync(process.execPath, ["verify.mjs", "--help"], { cwd: empty, encoding: "utf8", env: {} })
    assert.deepEqual([status, stdout.startsWith("Usage: node verify.mjs")], [0, true])
    assert.match(page, /^<!doctype html>/)
    const { version } = JSON.parse(inPackage("package.json")) as { version: string }
    assert.ok(page.includes(`verify.html of Sovereign Ledger ${version}`))
  })
})
