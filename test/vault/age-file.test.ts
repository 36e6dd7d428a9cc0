/** Files of age, both ways with the program age. */
import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { dearmored } from "../../src/vault/age-armor.ts"
import { ageLines, checkIdentity, checkRecipient, isAge, sealAge, unsealAge, type AgeKeys } from "../../src/vault/age-file.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"
import { requirePythonModule, requireTool } from "../tools.ts"
import { bytesOf } from "./sealed-file/plain-file.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof Fault && error.code === code
const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]

async function* pieces(bytes: Uint8Array, pieceBytes = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length || at === 0; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const piece of source) all.push(piece)
  return Buffer.concat(all)
}

const opened = (sealed: Uint8Array, keys: AgeKeys, pieceBytes?: number) => collected(unsealAge(pieces(sealed, pieceBytes), keys, "x"))

describe("the program age", requireTool("age"), () => {
  const directory = temporaryDirectory({ after })
  const place = (name: string) => join(directory, name)
  const identities = ["a", "b"].map((name) => {
    execFileSync("age-keygen", ["-o", place(name)], { stdio: "ignore" })
    const [identity = ""] = ageLines(readFileSync(place(name), "utf8"))
    const recipient = execFileSync("age-keygen", ["-y", place(name)], { encoding: "utf8" }).trim()
    return { file: place(name), identity, recipient }
  })
  const [one, two] = identities as [(typeof identities)[number], (typeof identities)[number]]

  test("opens what is sealed for one of several recipients", async () => {
    for (const sizeBytes of sizes) {
      const plain = bytesOf(sizeBytes, 1)
      const sealed = await collected(sealAge(pieces(plain), { recipients: [one.recipient, two.recipient] }))
      assert.ok(isAge(sealed))
      for (const { file } of identities) assert.ok(execFileSync("age", ["-d", "-i", file], { input: sealed, maxBuffer: 2 ** 24 }).equals(plain), `${sizeBytes}`)
    }
  })

  test("seals what is opened here, with an armor and without", async () => {
    for (const sizeBytes of sizes) {
      const plain = bytesOf(sizeBytes, 2)
      for (const armor of [[], ["-a"]]) {
        const sealed = execFileSync("age", [...armor, "-r", one.recipient, "-r", two.recipient], { input: plain, maxBuffer: 2 ** 24 })
        assert.ok(isAge(sealed))
        for (const { identity } of identities)
          for (const pieceBytes of [7, 1_000, 10 ** 7])
            if (pieceBytes > 7 || sizeBytes < 2) assert.ok((await opened(sealed, { identities: [identity] }, pieceBytes)).equals(plain))
      }
    }
  })

  test("gives the identity that is another one the same answer: it does not open", async () => {
    const sealed = await collected(sealAge(pieces(Buffer.from("x")), { recipients: [one.recipient] }))
    assert.notEqual(spawnSync("age", ["-d", "-i", two.file], { input: sealed }).status, 0)
    await assert.rejects(opened(sealed, { identities: [two.identity] }), refusedAs("sealed.wrong-key"))
    await assert.rejects(opened(sealed, { identities: [], passphrase: "x" }), refusedAs("sealed.wrong-key"))
  })

  test("takes passphrases as we do, both ways", requirePythonModule("pty"), async () => {
    const plain = bytesOf(70_000, 3)
    writeFileSync(place("ours"), await collected(sealAge(pieces(plain), { passphrase: "some long words" })))
    typed(["age", "-d", "-o", place("ours.plain"), place("ours")], ["some long words"])
    assert.ok(readFileSync(place("ours.plain")).equals(plain))
    typed(["age", "-p", "-o", place("theirs"), place("ours.plain")], ["some long words", "some long words"])
    assert.ok((await opened(readFileSync(place("theirs")), { identities: [], passphrase: "some long words" })).equals(plain))
    await assert.rejects(opened(readFileSync(place("theirs")), { identities: [], passphrase: "other words" }), refusedAs("sealed.wrong-key"))
  })
})

/** Types lines at a program's prompts, on a terminal of its own. */
function typed(command: readonly string[], lines: readonly string[]): void {
  const script = `
import json, os, pty, sys
command, lines = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0: os.execvp(command[0], command)
seen = b""
try:
    while True:
        part = os.read(terminal, 1000)
        if not part: break
        seen += part
        while lines and seen.count(b": ") > 0:
            seen = seen.split(b": ", 1)[1]
            os.write(terminal, lines.pop(0).encode() + b"\\n")
except OSError: pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`
  const { status, stderr } = spawnSync("python3", ["-c", script, JSON.stringify([command, lines])], { encoding: "utf8" })
  assert.equal(status, 0, stderr)
}

describe("a file of age", () => {
  const identity = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

  test("is refused where what was given is no key of age, without showing it", () => {
    for (const text of ["", "age1", "ssh-ed25519 AAAA", "age1zzzz", `${identity.slice(0, -1)}A`]) {
      for (const check of [checkRecipient, checkIdentity]) {
        assert.throws(
          () => check(text, "the file"),
          (error) => error instanceof Fault && error.code === "sealed.key-unusable" && (text.length < 5 || !error.message.includes(text)),
          text,
        )
      }
    }
  })

  test("whose header does not end is not held in memory", async () => {
    const endless = async function* () {
      yield Buffer.from("age-encryption.org/v1\n-> X25519 ")
      for (let i = 0; i < 10_000; i++) yield Buffer.alloc(65_536, "a")
    }
    await assert.rejects(collected(unsealAge(endless(), { identities: [identity] }, "x")), refusedAs("sealed.changed"))
    await assert.rejects(opened(Buffer.from("age-encryption.org/v1\n-> X25519 "), { identities: [identity] }), refusedAs("sealed.cut"))
  })

  const lines = ["-----BEGIN AGE ENCRYPTED FILE-----", "QUFB".repeat(16), "QUFBQQ==", "-----END AGE ENCRYPTED FILE-----", ""]
  const plain = `${"AAA".repeat(16)}AAAA`
  for (const [words, text, found] of [
    ["as age writes it", lines.join("\n"), plain],
    ["with white space around it and other line ends", `\n \n${lines.join("\r\n")}\n\n`, plain],
    ["without its last line end", lines.join("\n").trimEnd(), plain],
    ["that is cut", lines.slice(0, 3).join("\n"), "sealed.cut"],
    ["that is cut in its first line", lines[0], "sealed.cut"],
    ["with words before its end", lines.join("\n").replace("QUFBQQ==", "QUFBQQ==x"), "sealed.changed"],
    ["with a short line in it", lines.toSpliced(1, 0, "QUFB").join("\n"), "sealed.changed"],
    ["with an empty line in it", lines.toSpliced(1, 0, "").join("\n"), "sealed.changed"],
    ["with a long line in it", lines.with(1, "QUFB".repeat(17)).join("\n"), "sealed.changed"],
    ["with bits behind its last byte", lines.with(2, "QUFBQR==").join("\n"), "sealed.changed"],
    ["with something after it", `${lines.join("\n")}x`, "sealed.changed"],
    ["with a first line that goes on", lines.with(0, `${lines[0]}x`).join("\n"), "sealed.changed"],
  ] as const) {
    test(`in an armor ${words}`, async () => {
      for (const pieceBytes of [1, 5, 1_000]) {
        const found2 = collected(dearmored(pieces(Buffer.from(text ?? ""), pieceBytes), "x"))
        if (found.startsWith("sealed.")) await assert.rejects(found2, refusedAs(found))
        else assert.equal((await found2).toString(), found)
      }
    })
  }

  test("without an armor passes as it is", async () => {
    for (const text of ["", "a", "age-encryption.org/v1\nrest", "-----BEGIN", "  "])
      assert.equal((await collected(dearmored(pieces(Buffer.from(text), 3), "x"))).toString(), text)
  })
})
