/** Whatever is changed in a sealed file, it never opens to other bytes. `npm run soak -- sealed-mutations` tries many more. */
import assert from "node:assert/strict"
import { join } from "node:path"
import { test } from "node:test"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { chances } from "../../vault/sealed-file/plain-file.ts"
import { mutate } from "./mutations.ts"

test("a sealed file in which something was changed opens as it was, or is a fault", async (t) => {
  const { refused, problems } = await mutate(join(temporaryDirectory(t), "sealed"), 2_000, chances(11))
  assert.deepEqual(problems, [])
  assert.ok(refused > 1_000, `only ${refused} changes were seen`)
})
