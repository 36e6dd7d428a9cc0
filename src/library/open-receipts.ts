/**
 * Receipts by hand. Captures that come together are appended together; each resolves when it is in the store. After an append that failed nobody knows what of it is
 * there, so the store is read again before the next: an action never has two receipts, nor a receipt that was not signed over what the store has.
 */
import { createPublicKey, sign, type KeyObject } from "node:crypto"
import { Fault, problemOf } from "../base/fault.ts"
import { base64url, bytesOfBase64url } from "../format/base64url.ts"
import { didKey } from "../format/peac/did-key.ts"
import { jwkOf } from "../format/peac/key-set.ts"
import { parseKeys, type RecordKey } from "../format/peac/keys.ts"
import { claimProblem, isIssuer } from "../format/peac/record.ts"
import { isTime } from "../format/peac/rfc3339.ts"
import { genesisDigest, linked, type SpoolEntry, type SpoolHead } from "../format/peac/spool.ts"
import { uuidV7 } from "../format/peac/uuid-v7.ts"
import { observedKinds, recordClaims, recordHeader, signedRecord, signingInput } from "../format/peac/write-record.ts"
import { sha256 } from "../format/sha256.ts"
import type { Action, CaptureOptions, Captured, PublicJwk, Receipts, ReceiptsOptions } from "./receipts-api.ts"
import { contentOf, nameOf, readChain, spooledOf, type Chain, type Known, type Spooled } from "./spooled.ts"

type Waiting = {
  readonly spooled: Spooled
  readonly options: CaptureOptions
  readonly content: string
  readonly resolve: (captured: Captured) => void
  readonly reject: (why: unknown) => void
}

type Made = { readonly head: SpoolHead; readonly record: string; readonly known: Known }

const mostAtOnce = 256
const jtiLabel = "sovereign-ledger/receipt-by-hand/1"

export function openReceipts(options: ReceiptsOptions): Receipts {
  const receipts = new OpenReceipts(options)
  const close = () => receipts.close()
  return {
    capture: (action, told = {}) => receipts.capture(action, told),
    flush: () => receipts.flush(),
    records: () => receipts.records(),
    keys: () => receipts.published,
    close,
    [Symbol.asyncDispose]: close,
  }
}

class OpenReceipts {
  readonly #options: ReceiptsOptions
  readonly #key: PublicJwk
  readonly #issuer: string
  readonly #trusted: readonly RecordKey[]
  readonly published: ReturnType<Receipts["keys"]>
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined
  /** Undefined where what is in the store is not known. */
  #chain: Chain | undefined
  #closed = false

  constructor(options: ReceiptsOptions) {
    const { key, issuer, earlierKeys = [] } = options
    this.#options = options
    this.#key = publicKeyOf(key)
    if (issuer !== undefined && !isIssuer(issuer)) throw new Fault("library.key", { problem: "the issuer is neither a bare https origin nor a DID" })
    this.#issuer = issuer ?? didKey(bytesOfBase64url(this.#key.x) ?? Buffer.alloc(0))
    this.published = { keys: [...earlierKeys.filter(({ kid }) => kid !== this.#key.kid), this.#key] }
    const parsed = parseKeys(JSON.stringify(this.published))
    if ("problem" in parsed) throw new Fault("library.key", { problem: parsed.problem })
    this.#trusted = parsed.value
  }

  async capture(action: Action, options: CaptureOptions): Promise<Captured> {
    if (this.#closed) throw new Fault("library.closed", { id: nameOf(action) })
    const spooled = spooledOf(action, options)
    // What cannot be a record is told before it is linked to anything.
    this.#recordOf(linked({ sequence: 0, digest: genesisDigest }, spooled.action, digestsOf(spooled)), options)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ spooled, options: { ...options }, content: contentOf(spooled), resolve, reject })
      this.#working ??= this.#work()
    })
  }

  async flush(): Promise<void> {
    while (this.#working) await this.#working
  }

  async records(): Promise<readonly string[]> {
    await this.flush()
    return this.#options.store.read()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.flush()
  }

  async #work(): Promise<void> {
    await Promise.resolve() // whoever captures in the same turn goes together
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostAtOnce)
      try {
        await this.#append(batch)
      } catch (error) {
        this.#chain = undefined
        const why = error instanceof Fault ? error : new Fault("library.not-stored", { problem: problemOf(error) }, error)
        for (const { reject } of batch) reject(why)
      }
    }
    this.#working = undefined
  }

  async #append(batch: readonly Waiting[]): Promise<void> {
    const { store } = this.#options
    const chain = (this.#chain ??= readChain(await store.read(), this.#trusted))
    const made = new Map<string, Made>()
    let { head } = chain
    const knownOf = ({ action: { id } }: Spooled) => chain.known.get(id) ?? made.get(id)?.known
    const answers = batch.map((one) => {
      const before = knownOf(one.spooled)
      if (before) return () => answerAgain(one, before)
      const next = this.#make(one, head)
      head = next.head
      made.set(one.spooled.action.id, next)
      return () => one.resolve({ entryDigest: next.head.digest, sequence: next.head.sequence, repeated: false })
    })
    if (made.size > 0) await store.append([...made.values()].map(({ record }) => record))
    for (const [id, { known }] of made) chain.known.set(id, known)
    this.#chain = { head, known: chain.known }
    for (const answer of answers) answer()
  }

  #make({ spooled, options, content }: Waiting, before: SpoolHead): Made {
    const entry = linked(before, spooled.action, digestsOf(spooled))
    const head = { sequence: entry.sequence, digest: entry.entry_digest }
    const claims = this.#recordOf(entry, options)
    const input = signingInput(Buffer.from(claims), recordHeader(this.#key.kid))
    return { head, record: signedRecord(input, sign(null, Buffer.from(input), this.#options.key)), known: { ...head, content } }
  }

  /** Its claims. @throws {Fault} `library.action` */
  #recordOf(entry: SpoolEntry, { observed = "invoked", agent = "unknown", workflow }: CaptureOptions): string {
    const { action } = entry
    const [began, ended, platform] = [action.started_at, action.completed_at, action.platform].map((told) => String(told).toWellFormed()) as [
      string,
      string,
      string,
    ]
    const endedMs = Date.parse(ended)
    const refuse = (problem: string) => new Fault("library.action", { id: nameOf(action), problem })
    if (!observedKinds.includes(observed)) throw refuse(`it can be observed as ${observedKinds.join(", ")}`)
    if (![began, ended].every((time) => isTime(time) && time.endsWith("Z")) || endedMs < 0)
      throw refuse("its times are none of RFC 3339 in UTC, such as 2026-01-02T03:04:05.250Z")
    const claims = recordClaims({
      ...{ observed, iss: this.#issuer, iat: Math.floor((this.#options.nowMs ?? Date.now)() / 1_000), entry, redactions: {} },
      jti: uuidV7(endedMs, sha256(`${jtiLabel}\n${this.#key.kid}\n${entry.entry_digest}`)),
      agentRef: `urn:${encodeURIComponent(platform)}:agent:${encodeURIComponent(agent.toWellFormed())}`,
      actionRef: `urn:${encodeURIComponent(platform)}:${base64url(Buffer.from(String(action.id)))}`,
      ...(workflow === undefined ? {} : { workflow }),
    })
    const text = JSON.stringify(claims)
    const problem = claimProblem(claims, Buffer.byteLength(text))
    if (problem !== undefined) throw refuse(problem)
    return text
  }
}

function answerAgain({ spooled, content, resolve, reject }: Waiting, before: Known): void {
  if (content === before.content) resolve({ entryDigest: before.digest, sequence: before.sequence, repeated: true })
  else reject(new Fault("library.repeated", { id: nameOf(spooled.action) }))
}

function digestsOf({ action: _, ...digests }: Spooled): Omit<Spooled, "action"> {
  return digests
}

/** @throws {Fault} `library.key` */
function publicKeyOf(key: KeyObject): PublicJwk {
  if (key?.type !== "private" || key.asymmetricKeyType !== "ed25519") throw new Fault("library.key", { problem: "it is no private Ed25519 key" })
  return jwkOf(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32))
}
