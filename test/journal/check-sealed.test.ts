/** What `vault check` stands on, asked by code of ours: the command itself is tested in test/cli/vault.test.ts. */
import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { checkVault } from "../../src/journal/check-sealed.ts"
import { ledgerFiles } from "../../src/journal/files.ts"

test("every byte is counted, whether somebody follows or not", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sovereign-ledger-test-"))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const files = ledgerFiles(directory, join(directory, "head.note"))
  writeFileSync(files.journal, randomBytes(3 * 1_048_576 + 5), { mode: 0o600 })
  writeFileSync(files.scopes, randomBytes(8_192), { mode: 0o600 })
  const sizeBytes = 3 * 1_048_576 + 5 + 8_192
  const told: (readonly [number, number])[] = []
  const followed = checkVault(files, undefined, (done, total) => told.push([done, total]))
  assert.deepEqual([followed.sound, followed.bytes, told.at(-1)], [true, sizeBytes, [sizeBytes, sizeBytes]])
  assert.deepEqual(checkVault(files, undefined), followed)
})
