/** Digital Evidence against a server written from its description: what is submitted, what is believed of the answers, and what is paid to whom. */
import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, beforeEach, describe, test, type TestContext } from "node:test"
import { evidenceFault } from "../../../src/format/digital-evidence.ts"
import { sha256 } from "../../../src/format/sha256.ts"
import type { AnchorWord } from "../../../src/operations/anchor/anchor-service.ts"
import { digitalEvidence } from "../../../src/operations/anchor/digital-evidence.ts"
import { evidenceAccount, evidenceUrl, uuidOf, type EvidenceSettings, type Payment } from "../../../src/operations/anchor/evidence-settings.ts"
import { acceptableOffer, authorizationDigest, base, baseSepolia, type PaymentRules } from "../../../src/operations/anchor/x402.ts"
import { exchange } from "../../../src/surfaces/http/exchange.ts"
import { Secp256k1Key } from "../../../src/vault/secp256k1.ts"
import { apiKey, serveEvidence, type Network, type Reply } from "../../anchor/evidence-network.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { makeLog } from "../../witness-log.ts"

const log = makeLog()
const shown = { size: 5, note: log.note(5) }
const payee = `0x${"ab".repeat(20)}`
const ids = { orgId: "550e8400-e29b-41d4-a716-446655440000", tenantId: "123e4567-e89b-12d3-a456-426614174000" }
const walletSecret = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
const offer = { scheme: "exact", network: baseSepolia.network, amount: "2000", asset: baseSepolia.asset.address, payTo: payee, maxTimeoutSeconds: 60 }

describe("Digital Evidence", () => {
  let network: Network
  const paid: Payment[] = []
  const directory = temporaryDirectory({ after })
  const walletKeyFile = join(directory, "wallet")
  before(async () => {
    network = await serveEvidence()
    writeFileSync(walletKeyFile, `${walletSecret}\n`)
  })
  after(() => network.close())
  beforeEach(() => {
    for (const list of [network.submitted, network.payments, network.lookedUp, paid]) list.length = 0
    Object.assign(network, { offers: undefined, submit: (honest: Reply) => honest, show: (honest: Reply) => honest })
  })

  const byKey = { place: "test", apiKey, ...ids, payees: [], mostMicros: 0, mostADayMicros: 0 } as const
  const byWallet = { place: "test", walletKeyFile, payees: [payee.toUpperCase().replace("0X", "0x")], mostMicros: 5_000, mostADayMicros: 6_000 } as const

  function service(settings: EvidenceSettings, mayPay = () => true) {
    const pay = (payment: Payment) => {
      paid.push(payment)
      return mayPay()
    }
    const account = () => evidenceAccount(network.url, settings, { ownSecret: () => Buffer.alloc(32, 7), pay })
    const made = digitalEvidence(network.url, { exchange, nowMs: Date.now, account, pausesMs: [0, 1] })
    return (checkpoint = shown) => made.ask(checkpoint, new AbortController().signal)
  }

  const problem = (word: AnchorWord) => ("problem" in word ? `${word.state}: ${word.problem}` : word.state)

  test("a checkpoint is submitted under one signer, looked up, and kept as a record that proves itself", async () => {
    const ask = service(byKey)
    const word = await ask()
    assert.ok(word.state === "anchored", problem(word))
    const { content } = network.submitted[0]?.attestation ?? assert.fail("nothing was submitted")
    assert.deepEqual(
      [content.orgId, content.tenantId, content.documentId, content.documentRef],
      [ids.orgId, ids.tenantId, "example.com/log:5", sha256(shown.note).toString("hex")],
    )
    assert.equal(content.signerId, new Secp256k1Key(Buffer.alloc(32, 7)).id)
    assert.equal(evidenceFault(word.proof, { note: shown.note, reference: word.reference, atMs: word.atMs }), undefined)
    for (const [told, why] of [
      [{ note: log.note(4) }, "its record is about something else"],
      [{ reference: "00".repeat(32) }, "what the network showed is not what was submitted"],
      [{ atMs: 7 }, "its record tells another time"],
    ] as const) {
      assert.equal(evidenceFault(word.proof, { note: shown.note, reference: word.reference, atMs: word.atMs, ...told }), why)
    }
    for (let at = 0; at < word.proof.length; at += 3) {
      const changed = Buffer.from(word.proof)
      changed[at] = (changed[at] ?? 0) ^ 1
      const isSignatures = word.proof.toString().indexOf('"proofs"') <= at
      const isLabel = /"(?:orgId|tenantId)"/.test(word.proof.toString())
      assert.ok(isLabel)
      if (!isSignatures) assert.notEqual(evidenceFault(changed, { note: shown.note, reference: word.reference, atMs: word.atMs }), undefined, `byte ${at}`)
    }
    await ask({ size: 7, note: log.note(7) })
    assert.deepEqual(new Set(network.submitted.map(({ attestation }) => attestation.content.signerId)).size, 1)
  })

  const lies: Readonly<Record<string, readonly [why: string, change: Partial<Pick<Network, "submit" | "show">>]>> = {
    "another hash than was submitted": ["other hash", { submit: changed((result) => ({ ...result, hash: "00".repeat(32) })) }],
    "another event": ["other hash", { submit: changed((result) => ({ ...result, eventId: "x" })) }],
    "no list": ["malformed", { submit: () => ({ status: 200, body: { ok: true } }) }],
    "two results": ["malformed", { submit: ({ body }) => ({ status: 200, body: [...(body as unknown[]), {}] }) }],
    "another document": ["other record", { show: found((data) => ({ ...data, documentRef: "11".repeat(32) })) }],
    "another name": ["other record", { show: found((data) => ({ ...data, documentId: "example.com/log:6" })) }],
    "another hash": ["other record", { show: found((data) => ({ ...data, hash: "11".repeat(32) })) }],
    "no time": ["malformed", { show: found((data) => ({ ...data, createdAt: "soon" })) }],
    "the time of an hour ago": ["other time", { show: found((data) => ({ ...data, createdAt: new Date(Date.now() - 3_600_000).toISOString() })) }],
    "a page": ["malformed", { show: () => ({ status: 200, body: "<html>" }) }],
  }
  for (const [name, [why, change]] of Object.entries(lies)) {
    test(`an answer with ${name} is a false one`, async () => {
      Object.assign(network, change)
      const word = await service(byKey)()
      assert.deepEqual([word.state, "why" in word && word.why], ["answers falsely", why])
    })
  }

  test("what was accepted and is not shown is looked up again, not submitted again; in the end it is missing", async () => {
    network.show = () => ({ status: 404, body: {} })
    const ask = service(byKey)
    for (let asked = 0; asked < 4; asked++) assert.equal(problem(await ask()), "could not be asked: it accepted the checkpoint, and does not show it yet")
    const word = await ask()
    assert.deepEqual([word.state, "why" in word && word.why, network.submitted.length], ["answers falsely", "not found", 1])
    network.show = (honest) => honest
    const late = service(byKey)
    network.show = () => ({ status: 404, body: {} })
    await late()
    network.show = (honest) => honest
    const found = await late({ size: 7, note: log.note(7) })
    assert.ok(found.state === "anchored" && found.of?.size === 5, "the older checkpoint is the one that is anchored")
  })

  test("a key that is not known is refused, a server that fails could not be asked", async () => {
    assert.equal(problem(await service({ ...byKey, apiKey: "another" })()), "refuses: status 401")
    network.submit = () => ({ status: 503, body: {} })
    assert.equal(problem(await service(byKey)()), "could not be asked: it answers with status 503")
    network.submit = changed((result) => ({ ...result, accepted: false, errors: ["no credits"] }))
    assert.equal(problem(await service(byKey)()), "refuses: it does not accept the checkpoint: no credits")
    network.offers = [offer]
    assert.equal(problem(await service(byKey)()), "refuses: status 402", "who has a key pays nothing")
    assert.deepEqual(paid, [])
  })

  describe("paid for by a wallet", () => {
    test("what is asked for is paid to who may be paid, once, and the ids follow from the address", async () => {
      network.offers = [{ ...offer, payTo: `0x${"cd".repeat(20)}` }, offer]
      const word = await service(byWallet)()
      assert.ok(word.state === "anchored", problem(word))
      const { address } = Secp256k1Key.parse(walletSecret) ?? assert.fail("no key")
      assert.deepEqual(network.payments, [{ from: address, to: payee, value: "2000", signer: address }])
      assert.deepEqual(
        paid.map(({ payTo, amount, network: on, mostADay }) => [payTo, amount, on, mostADay]),
        [[payee, 2_000n, baseSepolia.network, 6_000n]],
      )
      const { content } = network.submitted[0]?.attestation ?? assert.fail("nothing was submitted")
      assert.deepEqual(
        [content.orgId, content.tenantId],
        [uuidOf("d2b4722a-d82d-424a-8b18-3330b4ade651", address), uuidOf("4bed9e61-6d07-4e26-9692-b81dd6994ff3", address)],
      )
    })

    test("when a day's money is spent nothing is signed", async () => {
      network.offers = [offer]
      assert.equal(problem(await service(byWallet, () => false)()), "refuses: not paid: what may be paid in a day is spent")
      assert.deepEqual(network.payments, [])
    })

    const others: Readonly<Record<string, readonly [words: RegExp, change: Readonly<Record<string, unknown>>]>> = {
      "a payee who is not on the list": [/who is not on the list/, { payTo: `0x${"cd".repeat(20)}` }],
      "a payee that is no address": [/who is not on the list/, { payTo: `${payee}00` }],
      "no payee": [/nobody to be paid/, { payTo: undefined }],
      "more than is allowed": [/it wants 5001, and at most 5000 is allowed/, { amount: "5001" }],
      "an amount that is none": [/it wants no amount/, { amount: "0x10" }],
      "a negative amount": [/it wants no amount/, { amount: "-1" }],
      "an amount that is a number": [/it wants no amount/, { amount: 1 }],
      "another network": [/another network or asset/, { network: base.network }],
      "another asset": [/another network or asset/, { asset: base.asset.address }],
      "another scheme": [/another network or asset/, { scheme: "upto" }],
    }
    for (const [name, [words, change]] of Object.entries(others)) {
      test(`an offer with ${name} is not signed`, async () => {
        network.offers = [{ ...offer, ...change }]
        assert.match(problem(await service(byWallet)()), words)
        assert.deepEqual([network.payments, paid, network.submitted], [[], [], []])
      })
    }

    test("a list of offers that is none, and what an offer says of the asset's name, change nothing", () => {
      const rules: PaymentRules = { ...base, payees: [payee], most: 10n }
      for (const answer of [undefined, null, [], {}, { accepts: {} }, { accepts: [null, 7, "x"] }]) assert.ok("refused" in acceptableOffer(answer, rules))
      const taken = acceptableOffer(
        { accepts: [{ ...offer, ...base, asset: base.asset.address, amount: "10", extra: { name: "Another", version: "9" }, maxTimeoutSeconds: 86_400 }] },
        rules,
      )
      assert.deepEqual(taken, { payTo: payee, amount: 10n, maxTimeoutSeconds: 300 })
    })

    test("a wallet that cannot be read is told", async () => {
      writeFileSync(join(directory, "nonsense"), "nonsense")
      for (const file of [join(directory, "none"), join(directory, "nonsense"), directory]) {
        assert.match(problem(await service({ ...byWallet, walletKeyFile: file })()), /is no file with a secp256k1 key/)
      }
    })
  })

  test("for tests it is asked on this machine and nowhere else", () => {
    assert.equal(evidenceUrl("test", "http://127.0.0.1:8081/"), "http://127.0.0.1:8081")
    for (const url of [undefined, "", "http://example.org", "https://127.0.0.1", "http://127.0.0.1.example.org"])
      assert.equal(evidenceUrl("test", url), undefined)
    assert.equal(evidenceUrl("mainnet", "http://127.0.0.1:8081"), "https://de-api.constellationnetwork.io")
  })
})

describe("keys of the curve secp256k1", () => {
  test("have the address and the UUIDs that others compute", (_: TestContext) => {
    // The example key of the web3 documentation, and the UUID of RFC 9562, appendix A.4.
    assert.equal(Secp256k1Key.parse(walletSecret)?.address, "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23")
    assert.equal(uuidOf("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    for (const text of ["", "00".repeat(32), "ff".repeat(32), walletSecret.slice(1), `${walletSecret}00`]) assert.equal(Secp256k1Key.parse(text), undefined)
  })

  test("an authorization is 32 bytes that depend on all of it", () => {
    const one = { from: payee, to: payee, value: "1", validAfter: "0", validBefore: "9", nonce: `0x${"00".repeat(32)}` }
    const digests = [one, { ...one, value: "2" }, { ...one, to: `0x${"cd".repeat(20)}` }, { ...one, nonce: `0x${"01".repeat(32)}` }].map((each) =>
      authorizationDigest(each, base),
    )
    assert.equal(new Set([...digests, authorizationDigest(one, baseSepolia)].map(String)).size, 5)
  })
})

function changed(change: (result: Readonly<Record<string, unknown>>) => unknown): Network["submit"] {
  return ({ status, body }) => ({ status, body: (body as Readonly<Record<string, unknown>>[]).map(change) })
}

function found(change: (data: Readonly<Record<string, unknown>>) => unknown): Network["show"] {
  return ({ status, body }) => ({ status, body: { data: change((body as { readonly data: Readonly<Record<string, unknown>> }).data) } })
}
