/** A scope that no store made: one key, for ever. */
import { createSecretKey } from "node:crypto"
import { Scope } from "../../src/vault/scope.ts"

export type FixedScope = { readonly id?: Buffer; readonly session?: string; readonly sender?: string; readonly key?: Buffer }

const keys = new Map<string, ReturnType<typeof createSecretKey>>()

export function fixedScope({ id = Buffer.alloc(16), session = "", sender = "", key = Buffer.alloc(32) }: FixedScope = {}): Scope {
  const name = key.toString("latin1")
  const known = keys.get(name) ?? createSecretKey(key)
  keys.set(name, known)
  return new Scope({
    id,
    session,
    sender,
    salt: Buffer.alloc(32),
    keys: [{ fromChunk: 0, day: Number.MAX_SAFE_INTEGER, key: known }],
    renew: () => [],
  })
}
