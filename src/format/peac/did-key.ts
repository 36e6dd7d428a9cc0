/** An Ed25519 public key as a decentralized identifier that needs nobody to be asked: did:key (W3C CCG, multicodec ed25519-pub, base58btc). */
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
const ed25519Codec = [0xed, 0x01]

/** @param publicKey 32 bytes. */
export function didKey(publicKey: Uint8Array): string {
  return `did:key:z${base58([...ed25519Codec, ...publicKey])}`
}

function base58(bytes: readonly number[]): string {
  const zeros = bytes.findIndex((byte) => byte !== 0)
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  let text = ""
  for (; value > 0n; value /= 58n) text = (alphabet[Number(value % 58n)] ?? "") + text
  return "1".repeat(zeros < 0 ? bytes.length : zeros) + text
}
