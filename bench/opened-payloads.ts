/**
 * One sealed payload opened by its entry's sequence, as `events show` opens it: the entry, the chunk with its content, the key of its scope from scopes.db,
 * which is asked whether it changed. Random entries of a finished store, each in a turn of the event loop of its own, so that no chunk that was opened is
 * there any more. Beside it the entry alone, and AES-256-GCM over as many bytes as a chunk of the store has, in turn.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto"
import { contentOf, showEvent } from "../src/views/event-list.ts"
import { openForReading, type LedgerAccess } from "../src/views/ledger-access.ts"
import type { LedgerHome } from "./ledger-home.ts"
import { nextTurn } from "./plugin-host.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"

const limitUs = 60
/** Contents of about 500 B of one scope in a batch of 100 in four scopes. */
const chunkBytes = 12_500

type Waits = { readonly opened: number[]; readonly entry: number[]; readonly bare: number[]; readonly shown: number[] }

export async function openedPayloads({ files, secrets }: LedgerHome, count: number, repetitions: number, say: (words: string) => void): Promise<BenchRow[]> {
  const access = openForReading(files, secrets)
  const rounds: Waits[] = []
  for (let i = 0; i <= repetitions; i++) rounds.push(await round(access, count))
  access.close()
  const measured = rounds.slice(1) // the first one warms up
  const p50s = measured.map(({ opened }) => quantile(opened, 0.5))
  say(`a payload opened, p50 in us (least | median | most): ${spread(p50s)}`)
  const of = (name: keyof Waits, q: number) => median(measured.map((one) => quantile(one[name], q)))
  return [
    atMost("one sealed payload opened by its entry: p50", median(p50s), "us", limitUs),
    shown("  p99", of("opened", 0.99), "us"),
    shown("  its entry alone, p50", of("entry", 0.5), "us"),
    shown(`  bare AES-256-GCM of ${chunkBytes} B, p50`, of("bare", 0.5), "us"),
    shown("  all that events show says of it, p50", of("shown", 0.5), "us"),
  ]
}

async function round(access: LedgerAccess, count: number): Promise<Waits> {
  const size = access.reader.size()
  const bare = bareOpening()
  const waits: Waits = { opened: [], entry: [], bare: [], shown: [] }
  const random = () => 1 + Math.floor(Math.random() * (size - 1)) // the entry every journal begins with has no content
  for (let i = 0; i < count; i++) {
    await nextTurn()
    waits.opened.push(timedUs(() => open(access, random())))
    waits.entry.push(timedUs(() => access.reader.entry(random())))
    waits.bare.push(timedUs(bare))
    await nextTurn()
    waits.shown.push(timedUs(() => showEvent(access, String(random()))))
  }
  return waits
}

function open(access: LedgerAccess, sequence: number): void {
  const entry = access.reader.entry(sequence)
  const state = entry && contentOf(access, entry).state
  if (state !== "open") throw new Error(`the content of #${sequence} is ${state}`)
}

function bareOpening(): () => void {
  const [key, nonce] = [createSecretKey(randomBytes(32)), randomBytes(12)]
  const cipher = createCipheriv("aes-256-gcm", key, nonce)
  const sealed = Buffer.concat([cipher.update(Buffer.alloc(chunkBytes)), cipher.final()])
  const tag = cipher.getAuthTag()
  return () => {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAuthTag(tag)
    decipher.update(sealed)
    decipher.final()
  }
}

function timedUs(work: () => void): number {
  const from = performance.now()
  work()
  return (performance.now() - from) * 1_000
}
