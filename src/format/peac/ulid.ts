/** A ULID (github.com/ulid/spec): a time and eighty bits, which come from a hash, as 26 letters of Crockford's base 32. */
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

export function ulid(timeMs: number, hash: Uint8Array): string {
  let value = (BigInt(timeMs) << 80n) | BigInt(`0x${Buffer.from(hash.subarray(0, 10)).toString("hex")}`)
  let text = ""
  for (let at = 0; at < 26; at++, value >>= 5n) text = (letters[Number(value & 31n)] ?? "") + text
  return text
}
