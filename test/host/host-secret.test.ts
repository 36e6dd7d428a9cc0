/** Settings as a process of the host has them that resolves no references, such as `openclaw agent --local`. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { parseConfig } from "../../src/config.ts"
import { settingsOf } from "../../src/host/host-secret.ts"
import type { HostApi } from "../../src/host/host-api.ts"

const reference = { source: "env", provider: "default", id: "A_SECRET" }
const id = "12345678-1234-4234-8234-123456789abc"
const evidence = { deApiKey: "key", deOrgId: id, deTenantId: id, deSigningKey: "ab".repeat(32) }

const parsed = (pluginConfig: Readonly<Record<string, unknown>>) => parseConfig(settingsOf({ pluginConfig } as unknown as HostApi))
const evidenceWith = (pluginConfig: Readonly<Record<string, unknown>>) => parsed(pluginConfig).anchors.evidence

test("settings are valid where secrets stand as references", () => {
  assert.equal(parsed({ masterKey: reference, userId: "me" }).userId, "me")
})

test("Digital Evidence is asked by who has all of its secrets, and never signed for with another key", () => {
  assert.equal(evidenceWith(evidence)?.apiKey, "key")
  for (const name of ["deApiKey", "deSigningKey"]) {
    assert.equal(evidenceWith({ ...evidence, [name]: reference }), undefined, name)
    assert.equal(evidenceWith({ deWalletKeyFile: "/keys/wallet", dePayees: [`0x${"ab".repeat(20)}`], [name]: reference }), undefined, name)
  }
})
