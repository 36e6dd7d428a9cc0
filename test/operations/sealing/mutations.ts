/** Sealed files of all three formats with something changed in them: a bit, a byte, a piece cut out, doubled or exchanged, an end cut off or added. */
import { randomBytes } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Fault } from "../../../src/base/fault.ts"
import { unsealKeys } from "../../../src/operations/sealing/keys.ts"
import { seal } from "../../../src/operations/sealing/seal.ts"
import { unseal } from "../../../src/operations/sealing/unseal.ts"
import { parseFernetKey } from "../../../src/vault/fernet.ts"
import { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import { bytesOf, ledgerKey, opening } from "../../vault/sealed-file/plain-file.ts"
import { generateIdentity, identityToRecipient } from "age-encryption"

const nowMs = 1_795_000_000_000
const fernetKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
const quiet = { nowMs, progress: () => {}, skipped: () => {} }

export type Subject = { readonly name: string; readonly sealed: Buffer; readonly open: (file: string) => Promise<Buffer> }

/** One sealed file of each format, and a directory in one of ours; with other files of the same key, for pieces to come from. */
export async function subjects(directory: string): Promise<readonly Subject[]> {
  const identity = await generateIdentity()
  const recipient = await identityToRecipient(identity)
  const ledger = opening.ledger
  const keys = {
    ...unsealKeys({
      recipients: [],
      recipientsFiles: [],
      identityFiles: [],
      passphraseFile: undefined,
      fernetKeyFile: undefined,
      isAge: false,
      ledger: () => ledger?.() ?? missing(),
    }),
    age: { identities: [identity] },
    fernet: parseFernetKey(fernetKey, "x"),
  }
  const plain = join(directory, "plain")
  writeFileSync(plain, bytesOf(70_000, 1))
  const open = async (file: string) => {
    const pieces: Buffer[] = []
    await unseal({ file, keys, to: async (bytes) => void pieces.push(Buffer.from(bytes)), ttlS: undefined, nowMs, progress: () => {} })
    return Buffer.concat(pieces)
  }
  const sealedAs = async (name: string, as: Parameters<typeof seal>[0]["as"]) => {
    const to = join(directory, name)
    await seal({ ...quiet, path: plain, as, to, remove: false })
    return { name, sealed: readFileSync(to), open }
  }
  const small = join(directory, "small slots")
  const file = EncryptedFile.create(small, ledgerKey, { slotBytes: 4_096 })
  file.append(bytesOf(50_000, 2))
  file.flush()
  file.write(10_000, bytesOf(9_000, 3))
  file.close()
  return [
    await sealedAs("sealed", { format: "sealed", key: ledgerKey }),
    { name: "small slots", sealed: readFileSync(small), open },
    await sealedAs("age", { format: "age", to: { recipients: [recipient] } }),
    await sealedAs("fernet", { format: "fernet", key: parseFernetKey(fernetKey, "x") }),
  ]
}

function missing(): never {
  throw new Error("the tests have a key")
}

export type Tried = { readonly tried: number; readonly refused: number; readonly problems: readonly string[] }

/** None may open to other bytes; what says no says it as a fault. A change of what means nothing opens to the same bytes. */
export async function mutate(directory: string, count: number, chance: () => number): Promise<Tried> {
  mkdirSync(directory, { recursive: true })
  const all = await subjects(directory)
  const good = new Map<string, Buffer>()
  for (const { name, sealed, open } of all) good.set(name, await open(written(directory, sealed)))
  const problems: string[] = []
  let refused = 0
  for (let i = 0; i < count; i++) {
    const { name, sealed, open } = all[i % all.length] as Subject
    const [words, bent] = mutated(sealed, chance)
    if (bent.equals(sealed)) continue
    const file = written(directory, bent)
    try {
      const found = await open(file)
      if (!found.equals(good.get(name) ?? Buffer.alloc(0))) problems.push(`${name}, ${words}: opens to other bytes`)
    } catch (error) {
      refused++
      if (!(error instanceof Fault)) problems.push(`${name}, ${words}: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  const left = readdirSync(directory).filter((name) => name.startsWith(".sealing"))
  if (left.length > 0) problems.push(`left behind: ${left.join()}`)
  return { tried: count, refused, problems }
}

function written(directory: string, bytes: Buffer): string {
  const file = join(directory, "bent")
  rmSync(file, { force: true })
  writeFileSync(file, bytes)
  return file
}

function mutated(sealed: Buffer, chance: () => number): readonly [string, Buffer] {
  // Half of all changes are near the beginning, where headers are.
  const below = (most: number) => Math.floor(chance() * most)
  const place = () => (chance() < 0.5 ? below(Math.min(sealed.length, 300)) : below(sealed.length))
  const [a, b] = [place(), place()].sort((x, y) => x - y) as [number, number]
  const bytes = Buffer.from(sealed)
  switch (below(8)) {
    case 0:
      return [`cut to ${a}`, bytes.subarray(0, a)]
    case 1:
      return [`${a} to ${b} cut out`, Buffer.concat([bytes.subarray(0, a), bytes.subarray(b)])]
    case 2:
      return [`${a} to ${b} doubled`, Buffer.concat([bytes.subarray(0, b), bytes.subarray(a)])]
    case 3:
      return [`random bytes behind it`, Buffer.concat([bytes, randomBytes(1 + below(100))])]
    case 4: {
      const length = below(Math.min(b - a, 5_000))
      bytes.copyWithin(a, b, b + length)
      return [`${length} bytes of ${b} put at ${a}`, bytes]
    }
    case 5: {
      // Whole slots exchanged, as far as there are two.
      const slot = 4_096
      const slots = Math.max(1, Math.floor((sealed.length - 12_288) / slot))
      const [from, to] = [12_288 + below(slots) * slot, 12_288 + below(slots) * slot]
      const held = Buffer.from(bytes.subarray(from, from + slot))
      bytes.copyWithin(from, to, to + slot)
      if (to < bytes.length) held.copy(bytes, to)
      return [`slots at ${from} and ${to} exchanged`, bytes]
    }
    default: {
      const bit = a * 8 + below(8)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return [`bit ${bit} flipped`, bytes]
    }
  }
}
