/** The map of event ids as docs/spec/map.md has it, all of it made anew each time: what the stored one is held against. */
import { createHash } from "node:crypto"

const empty = "0".repeat(64)
const hashOf = (tag: string, ...parts: readonly string[]) =>
  createHash("sha256")
    .update(Buffer.from(tag + parts.join(""), "hex"))
    .digest("hex")
const bitsOf = (key: string) => [...key].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("")

/** @param pairs from keys to values; hashes as hex, or bytes */
export function naiveRoot(pairs: ReadonlyMap<string, string | Buffer>): string {
  return rootOf(
    [...pairs].map(([key, value]) => ({ bits: bitsOf(key), leaf: hashOf("20", key, typeof value === "string" ? value : value.toString("hex")) })),
    0,
  )
}

function rootOf(leaves: readonly { readonly bits: string; readonly leaf: string }[], depth: number): string {
  const [only] = leaves
  if (!only) return empty
  if (leaves.length === 1 && depth >= 18) return only.leaf
  return hashOf(
    "21",
    ...["0", "1"].map((bit) =>
      rootOf(
        leaves.filter(({ bits }) => bits[depth] === bit),
        depth + 1,
      ),
    ),
  )
}
