/** Whose conversation a scope is, by the labels the host gave it. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { isOf } from "../../../src/operations/erase/find-scopes.ts"
import type { ErasureWho } from "../../../src/vault/erasures.ts"

test("whose a conversation is", () => {
  const rows: readonly [ErasureWho, string, string, boolean][] = [
    [{ by: "sender", value: "7" }, "agent:a:telegram:direct:7", "", true],
    [{ by: "sender", value: "7" }, "agent:a:telegram:direct:77", "", false],
    [{ by: "sender", value: "7" }, "agent:a:telegram:group:7", "", false],
    [{ by: "sender", value: "7" }, "agent:a:main", "7", true],
    [{ by: "sender", value: "7", channel: "telegram" }, "agent:a:telegram:account:direct:7", "", true],
    [{ by: "sender", value: "7", channel: "signal" }, "agent:a:telegram:direct:7", "7", false],
    [{ by: "agent", value: "a" }, "agent:ab:main", "", false],
    [{ by: "agent", value: "a" }, "agent:a:subagent:1", "", true],
    [{ by: "agent", value: "" }, "", "", false],
    [{ by: "session", value: "main" }, "agent:a:main", "", false],
    [{ by: "sender", value: "x" }, "", "", false],
  ]
  for (const [who, session, sender, expected] of rows) assert.equal(isOf(who, { session, sender }), expected, JSON.stringify([who, session, sender]))
})
