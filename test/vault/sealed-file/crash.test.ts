/** Whatever stops a process or a machine while a sealed file is written, it opens as one of its flushes left it. */
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { pathToFileURL } from "node:url"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { onProcessEnd } from "../../gateway/cleanup.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { chances, everything, ledgerKey, opening, PlainFile, roundOf } from "./plain-file.ts"
import { memoryFile, problemOf, recorded, trials, type Sealer, type Trials } from "./power-loss.ts"

const slotBytes = 4_096
const root = join(import.meta.dirname, "../../..")
/** Histories of a file, and how far apart the places are at which a write is torn. */
const [histories, everyBytes] = process.env["CI"] === "true" ? [3, 7] : [8, 1]

/** A line of the source that keeps the promise, and what it would be with a bug in it. */
const planted = [
  ["the blocks are not synced before the root", "chunk-tree.ts", "      raw.sync()\n      const { root }", "      const { root }"],
  ["slots of the flushed root are written over", "slots.ts", "(this.#used[at] ?? 0) | (this.#flushed[at] ?? 0)", "this.#used[at] ?? 0"],
  ["both roots are written in one place", "chunk-tree.ts", "rootPositions[place % 2 === 0 ? 0 : 1]", "rootPositions[0]"],
  ["the file is cut one slot too early", "chunk-tree.ts", "(this.#blocks.slots?.last() ?? 0) + 1)", "this.#blocks.slots?.last() ?? 0)"],
] as const

describe("a sealed file whose disk loses power", () => {
  const path = join(temporaryDirectory({ after }), "made")
  EncryptedFile.create(path, ledgerKey, { slotBytes }).close()
  const start = readFileSync(path)
  const tried = (sealer: Sealer, seed: number): Trials => {
    const rounds = Array.from({ length: 8 }, (_, round) => roundOf(seed, round))
    return trials(sealer, recorded(sealer, "x", rounds, start), start, chances(seed))
  }

  test("opens in every state as it was flushed last or was being flushed, and goes on from there", () => {
    let count = 0
    for (let seed = 1; seed <= histories; seed++) {
      const { tried: states, problems } = tried(EncryptedFile, seed)
      assert.deepEqual(problems, [], `seed ${seed}`)
      count += states
    }
    assert.ok(count > histories * 375, `only ${count} states were tried`)
  })

  test("opens whatever part of its last write is there, byte by byte", () => {
    const log = recorded(EncryptedFile, "x", [[{ do: "append", lengthBytes: 9_000, seed: 1 }], [{ do: "append", lengthBytes: 500, seed: 2 }]], start)
    const flushes = log.flatMap((operation) => (operation.do === "flushed" ? [operation.content] : []))
    let image: Buffer = start
    let done = 0
    for (const operation of log) {
      if (operation.do === "flushed") done++
      if (operation.do !== "write" && operation.do !== "truncate") continue
      const disk = memoryFile(image)
      if (operation.do === "truncate") disk.truncate(operation.sizeBytes)
      else {
        for (let cut = 0; cut <= operation.bytes.length; cut += everyBytes) {
          const torn = memoryFile(image)
          torn.write(operation.bytes.subarray(0, cut), operation.position)
          assert.equal(problemOf(EncryptedFile, torn.image(), flushes.slice(done - 1, done + 1)), undefined, `${cut} bytes`)
        }
        disk.write(operation.bytes, operation.position)
      }
      image = disk.image()
    }
    assert.equal(done, 3)
  })

  for (const [words, name, right, wrong] of planted) {
    test(`would not, and this finds it, were it so that ${words}`, async (t) => {
      const copy = temporaryDirectory(t)
      for (const folder of ["base", "format", "vault"]) cpSync(join(root, "src", folder), join(copy, folder), { recursive: true })
      symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction")
      const file = join(copy, "vault/sealed-file", name)
      const source = readFileSync(file, "utf8")
      assert.equal(source.split(right).length, 2, `${name} has the line once`)
      writeFileSync(
        file,
        source.replace(right, () => wrong),
      )
      const bent = (await import(pathToFileURL(join(copy, "vault/sealed-file/encrypted-file.ts")).href)) as { EncryptedFile: Sealer }
      assert.ok([1, 2, 3, 4, 5, 6, 7, 8].some((seed) => tried(bent.EncryptedFile, seed).problems.length > 0))
    })
  }
})

describe("a sealed file whose writer is killed", { concurrency: 2 }, () => {
  for (let seed = 1; seed <= 8; seed++) {
    test(`opens as it was flushed, seed ${seed}`, async (t) => {
      const path = join(temporaryDirectory(t), "sealed")
      EncryptedFile.create(path, ledgerKey, { slotBytes }).close()
      const child = spawn(process.execPath, ["--no-warnings", join(import.meta.dirname, "killed.ts"), path, String(seed)], {
        stdio: ["ignore", "pipe", "inherit"],
      })
      const forget = onProcessEnd(() => child.kill("SIGKILL"))
      const chance = chances(seed)
      const enough = 3 + Math.floor(chance() * 60)
      let said = ""
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text
        if (said.split("\n").length > enough) setTimeout(() => child.kill("SIGKILL"), chance() * 4)
      })
      await once(child, "close")
      forget()
      const rounds = said.split("\n").length - 1
      assert.ok(rounds >= enough, "it was killed, and did not end by itself")
      const plain = new PlainFile()
      for (let round = 0; round < rounds; round++) for (const step of roundOf(seed, round)) plain.take(step)
      const flushed = plain.bytes
      for (const step of roundOf(seed, rounds)) plain.take(step)
      const file = EncryptedFile.open(path, opening, { writing: true })
      const content = everything(file)
      assert.ok(content.equals(flushed) || content.equals(plain.bytes), "neither the flush that was told of nor the next one")
      file.append(Buffer.from("x"))
      file.close()
    })
  }
})
