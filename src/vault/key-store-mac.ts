/**
 * What shows that keys.json is as the ledger wrote it: HMAC-SHA-256 over its canonical JSON (RFC 8785), under a subkey of what wraps its keys. Whoever may write
 * the directory and has no master key can neither change a member nor take one out, and cannot go back to a format that had no such thing: the labels of wrapped
 * keys name the format. While two master keys open the ledger each has one of its own. What it cannot show is that a whole keys.json is an old one; the journal does
 * (`journal/keys-in-step.ts`).
 */
import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto"
import { canonicalJson } from "../base/json.ts"
import { assert } from "../base/fault.ts"
import type { KeyStoreJson } from "./key-store.ts"
import { subkey } from "./wrap.ts"

/** Keys.json of before it had one. */
export const unauthenticatedFormat = 1

/** With an authenticator for whoever opens it. `next` wraps what stands under `next`. */
export function authenticated(store: KeyStoreJson, wrapping: KeyObject, next?: KeyObject): KeyStoreJson {
  if (store.format === unauthenticatedFormat) return store
  assert(!store.next || next, "what another master key opens is written by who has it, too")
  const { mac: _, ...rest } = store
  const told = store.next && next ? { ...rest, next: { ...store.next, mac: macOf(store, next) } } : rest
  return { ...told, mac: macOf(store, wrapping) }
}

/** Whether it is as it was written, to who opened it. */
export function isAuthentic(store: KeyStoreJson, wrapping: KeyObject, openedBy: "master" | "next"): boolean {
  if (store.format === unauthenticatedFormat) return true
  const found = Buffer.from((openedBy === "next" ? store.next?.mac : store.mac) ?? "", "base64")
  const wanted = Buffer.from(macOf(store, wrapping), "base64")
  return found.length === wanted.length && timingSafeEqual(found, wanted)
}

function macOf({ mac: _, next, ...rest }: KeyStoreJson, wrapping: KeyObject): string {
  const { mac: __, ...shared } = { mac: undefined, ...next }
  const text = canonicalJson(next ? { ...rest, next: shared } : rest)
  return createHmac("sha256", subkey(wrapping.export(), "keys.json")).update(text).digest("base64")
}
