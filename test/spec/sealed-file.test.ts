/** docs/spec/sealed-file.md is enough to read a sealed file: a reader in Python, written from that page alone, finds the content ours wrote. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { argon2Sync, createDecipheriv, hkdfSync } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { openKeys } from "../../src/operations/create-key.ts"
import { EncryptedFile } from "../../src/vault/sealed-file/encrypted-file.ts"
import { temporaryDirectory, temporaryLedger } from "../ledger-fixture.ts"
import { requirePythonModule } from "../tools.ts"
import { bytesOf, everything, opening, ledgerKey, roundOf } from "../vault/sealed-file/plain-file.ts"
import { takeStep } from "../vault/sealed-file/power-loss.ts"

const script = join(import.meta.dirname, "open_sealed_file.py")
const python = requirePythonModule("cryptography")
const testKey = Buffer.alloc(32, 7)

function opened(path: string, slotKey: Buffer): { readonly content: Buffer; readonly words: string } {
  const { stdout, stderr } = spawnSync("python3", [script, path, slotKey.toString("hex")], { maxBuffer: 2 ** 26 })
  return { content: stdout, words: stderr.toString("utf8").trim() }
}

describe("a sealed file, by its specification alone", python, () => {
  const directory = temporaryDirectory({ after })

  test("of every height of its tree, and at the borders of its chunks", () => {
    const chunkBytes = 4_080
    for (const sizeBytes of [0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 255 * chunkBytes, 255 * chunkBytes + 1, 700 * chunkBytes + 5]) {
      const path = join(directory, `size ${sizeBytes}`)
      const file = EncryptedFile.create(path, ledgerKey, { slotBytes: 4_096 })
      file.append(bytesOf(sizeBytes, 3))
      file.close()
      assert.deepEqual(opened(path, testKey), { content: bytesOf(sizeBytes, 3), words: "" }, `${sizeBytes} bytes`)
    }
  })

  test("changed many times, with holes, with slots of every size", () => {
    for (let bits = 12; bits <= 20; bits++) {
      const path = join(directory, `bits ${bits}`)
      const file = EncryptedFile.create(path, ledgerKey, { slotBytes: 2 ** bits })
      for (let round = 0; round < 12; round++) {
        for (const step of roundOf(bits, round, 2 ** bits - 16)) takeStep(file, step)
        file.flush()
      }
      file.truncate(file.sizeBytes + 3 * 2 ** bits)
      const content = everything(file)
      file.close()
      const found = opened(path, testKey)
      assert.equal(found.words, "")
      assert.ok(found.content.equals(content), `slots of ${2 ** bits} bytes`)
    }
  })

  test("under a ledger's key and under a passphrase, from what keys.json and the header say", (t) => {
    const ledger = temporaryLedger(t)
    const { keys } = openKeys(ledger.files, ledger.places)
    const path = join(directory, "of the ledger")
    const file = EncryptedFile.create(path, { ledger: { storeId: keys.store.storeId, keys: keys.filesKeys } })
    file.append(Buffer.from("of the ledger"))
    file.close()
    const derive = (key: Buffer, purpose: string) => Buffer.from(hkdfSync("sha256", key, "", `sovereign-ledger/${purpose}/1`, 32))
    const master = Buffer.from(readFileSync(ledger.places.keyFile, "utf8").trim(), "base64url")
    const wrapped = Buffer.from(keys.store.wrapped.page, "base64")
    const label = `sovereign-ledger/keys/2\n${keys.store.storeId}\n${keys.store.verifierKey}\npage\n`
    const decipher = createDecipheriv("aes-256-gcm", derive(master, "wrap"), wrapped.subarray(0, 12))
      .setAAD(Buffer.from(label))
      .setAuthTag(wrapped.subarray(-16))
    const page = Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()])
    assert.equal(readFileSync(path).toString("hex", 48, 56), keys.store.storeId)
    assert.equal(opened(path, derive(page, "sealed-files")).content.toString(), "of the ledger")

    const other = join(directory, "of a passphrase")
    const passphrase = "Åsa's words"
    const second = EncryptedFile.create(other, { passphrase })
    second.append(Buffer.from("of a passphrase"))
    second.close()
    const slot = readFileSync(other).subarray(48, 112)
    const [memory, passes, parallelism] = [16, 20, 24].map((at) => slot.readUInt32BE(at)) as [number, number, number]
    const parameters = { message: Buffer.from(passphrase.normalize("NFKC")), nonce: slot.subarray(0, 16), tagLength: 32, memory, passes, parallelism }
    assert.equal(opened(other, argon2Sync("argon2id", parameters)).content.toString(), "of a passphrase")
    const again = EncryptedFile.open(other, { passphrase: () => passphrase.normalize("NFD") })
    assert.equal(everything(again).toString(), "of a passphrase")
    again.close()
  })

  test("and refuses what ours refuses", () => {
    const path = join(directory, "changed")
    const file = EncryptedFile.create(path, ledgerKey, { slotBytes: 4_096 })
    file.append(bytesOf(20_000, 1))
    file.close()
    const good = readFileSync(path)
    for (const at of [3, 9, 11, 13, 20, 50, 120, 12_288, 12_288 + 4_096 * 3 + 7, good.length - 1]) {
      const bent = Buffer.from(good)
      bent[at] = (bent[at] ?? 0) ^ 1
      writeFileSync(path, bent)
      assert.notEqual(opened(path, testKey).words, "", `byte ${at}`)
      assert.throws(() => everything(EncryptedFile.open(path, opening)), `byte ${at}`)
    }
    writeFileSync(path, good.subarray(0, -1))
    assert.equal(opened(path, testKey).words, "cut")
  })
})
