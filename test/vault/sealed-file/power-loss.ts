/**
 * A disk that remembers the order of writes and syncs, and every state that losing the power may leave it in: what was synced is there; of what came after,
 * any part may be, whole or torn, in any order.
 */
import type { EncryptedFile } from "../../../src/vault/sealed-file/encrypted-file.ts"
import type { RawFile } from "../../../src/vault/sealed-file/raw-file.ts"
import { bytesOf, everything, ledgerKey, opening, PlainFile, type Step } from "./plain-file.ts"

export type Sealer = typeof EncryptedFile
type Written = { readonly do: "write"; readonly bytes: Buffer; readonly position: number } | { readonly do: "truncate"; readonly sizeBytes: number }
type Operation =
  | Written
  | { readonly do: "sync" }
  | { readonly do: "flushed"; readonly content: Buffer }
  | { readonly do: "flushing"; readonly content: Buffer }

/** A file in memory; `log` gets what is done to it. */
export function memoryFile(image: Buffer, log?: (operation: Operation) => void): RawFile & { readonly image: () => Buffer } {
  let bytes = image
  const read = (into: Uint8Array, position: number) => {
    into.set(bytes.subarray(position, position + into.length))
    return Math.max(0, Math.min(into.length, bytes.length - position))
  }
  const take = (operation: Written) => {
    bytes = applied(bytes, operation)
    log?.(operation)
  }
  return {
    read,
    readLater: async (into, position) => read(into, position),
    write: (written, position) => take({ do: "write", bytes: Buffer.from(written), position }),
    sync: () => log?.({ do: "sync" }),
    truncate: (sizeBytes) => take({ do: "truncate", sizeBytes }),
    sizeBytes: () => bytes.length,
    close: () => {},
    image: () => bytes,
  }
}

function applied(image: Buffer, operation: Written): Buffer {
  if (operation.do === "truncate")
    return operation.sizeBytes <= image.length ? image.subarray(0, operation.sizeBytes) : Buffer.concat([image], operation.sizeBytes)
  const { bytes, position } = operation
  const grown = Buffer.concat([image], Math.max(image.length, position + bytes.length))
  grown.set(bytes, position)
  return grown
}

/** Takes the steps, and answers what was done to the disk after the file was made. */
export function recorded(sealer: Sealer, path: string, rounds: readonly (readonly Step[])[], start: Buffer): readonly Operation[] {
  const log: Operation[] = []
  const file = sealer.open(path, opening, { writing: true, openRaw: () => memoryFile(start, (operation) => log.push(operation)) })
  const plain = new PlainFile()
  log.push({ do: "flushed", content: plain.bytes })
  for (const [i, steps] of rounds.entries()) {
    for (const step of steps) {
      plain.take(step)
      takeStep(file, step)
    }
    log.push({ do: "flushing", content: plain.bytes })
    if (i === rounds.length - 1) file.close()
    else file.flush()
    log.push({ do: "flushed", content: plain.bytes })
  }
  return log
}

export function takeStep(file: EncryptedFile, step: Step): void {
  if (step.do === "write") file.write(step.position, bytesOf(step.lengthBytes, step.seed))
  else if (step.do === "append") file.append(bytesOf(step.lengthBytes, step.seed))
  else if (step.do === "truncate") file.truncate(step.sizeBytes)
}

export type Trials = { readonly tried: number; readonly problems: readonly string[] }

/** Tries states of the disk at every operation: each must open as it was flushed last or as it was being flushed, and go on from there. */
export function trials(sealer: Sealer, log: readonly Operation[], start: Buffer, chance: () => number): Trials {
  let synced = start
  let pending: Written[] = []
  let allowed: readonly Buffer[] = []
  let tried = 0
  const problems: string[] = []
  const attempt = (image: Buffer, words: string) => {
    tried++
    const problem = problemOf(sealer, image, allowed)
    if (problem !== undefined) problems.push(`${words}: ${problem}`)
  }
  for (const [at, operation] of log.entries()) {
    if (operation.do === "flushed") allowed = [operation.content]
    else if (operation.do === "flushing") allowed = [...allowed, operation.content]
    else if (operation.do === "sync") {
      synced = pending.reduce(applied, synced)
      pending = []
    } else pending.push(operation)
    attempt(pending.reduce(applied, synced), `all until ${at}`)
    for (let i = 0; i < 4 && pending.length > 1; i++) {
      const some = pending.filter(() => chance() < 0.5).sort(() => chance() - 0.5)
      attempt(some.reduce(applied, synced), `some of ${pending.length} until ${at}`)
    }
    if (operation.do !== "write") continue
    const before = pending.slice(0, -1).reduce(applied, synced)
    const isRoot = operation.bytes.length === 60
    const cuts = isRoot ? Array.from({ length: 60 }, (_, i) => i) : [1, Math.floor(chance() * operation.bytes.length)]
    for (const cut of cuts) attempt(applied(before, { ...operation, bytes: operation.bytes.subarray(0, cut) }), `${cut} bytes of ${at}`)
  }
  return { tried, problems }
}

export function problemOf(sealer: Sealer, image: Buffer, allowed: readonly Buffer[]): string | undefined {
  try {
    const file = sealer.open("x", opening, { openRaw: () => memoryFile(image) })
    const content = everything(file)
    if (!allowed.some((one) => one.equals(content))) return `${content.length} bytes that never were flushed`
    const again = memoryFile(image)
    const more = Buffer.from("and more")
    const writing = sealer.open("x", opening, { writing: true, openRaw: () => again })
    writing.append(more)
    writing.close()
    const longer = everything(sealer.open("x", opening, { openRaw: () => memoryFile(again.image()) }))
    return longer.equals(Buffer.concat([content, more])) ? undefined : "it does not go on"
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export { ledgerKey }
