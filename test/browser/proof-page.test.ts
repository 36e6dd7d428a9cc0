/** A proof page in a real browser: green on a machine that has nothing but the file, red with the reason when it was changed, and never green by accident. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { proofText, type Proof } from "../../src/format/proof.ts"
import { proofPage } from "../../src/surfaces/page/proof-page.ts"
import { headCheckpoint, storedCheckpoint } from "../../src/views/checkpoints.ts"
import { proveConsistency, proveEntry, type Disclosure } from "../../src/views/proof.ts"
import { flagsOf } from "../cli/home.ts"
import { temporaryDirectory, temporaryLedger } from "../ledger-fixture.ts"
import { builtVersion } from "../writer/versions.ts"
import { Chromium, needsChromium } from "./chromium.ts"

type Seen = { readonly kind: string; readonly text: string; readonly title: string; readonly labels: readonly string[] }

describe("a proof page", needsChromium, () => {
  const directory = temporaryDirectory({ after })
  const ledger = temporaryLedger({ after })
  ledger.append(99)
  ledger.checkpoint()
  ledger.append(200)
  ledger.record({
    type: "message.received",
    id: "<script>alert(1)</script>",
    facts: { channel: "telegram", length: 3 },
    content: { text: "</script><script>document.title='owned'</script>\u2028\u202e<img src=http://127.0.0.1:9/x> ä€😀 \ud800 & &amp;" },
  })
  ledger.checkpoint()
  const access = ledger.read()
  const head = headCheckpoint(access, undefined)
  const key = ledger.keys().store.verifierKey
  let browser: Chromium
  before(async () => {
    browser = await Chromium.start()
  })
  after(() => browser?.end())

  const everything = { id: true, facts: true, content: true }
  const proven = (sequence: number, disclosure: Disclosure): Proof => {
    const entry = access.reader.entry(sequence)
    assert.ok(entry)
    return proveEntry(access, entry, head, disclosure)
  }
  const pageOf = (proof: Proof): string => proofPage(proofText(proof))
  async function seen(page: string | Uint8Array, looks = 80): Promise<Seen> {
    const path = join(directory, "page.html")
    writeFileSync(path, page)
    await browser.open(path)
    const state =
      "({ kind: document.querySelector('#page')?.className ?? '', title: document.title, text: document.body?.innerText ?? '', labels: [...document.querySelectorAll('.mark')].map((mark) => mark.getAttribute('aria-label')) })"
    // The check is asynchronous; what has not begun it after a while never will.
    for (let i = 0; ; i++) {
      const now = await browser.value<Seen>(state)
      if (now.kind !== "bare" || i === looks) return now
      await browser.value("new Promise((resolve) => setTimeout(resolve, 25))")
    }
  }
  const edited = (page: string, from: string, to: string): string => {
    assert.ok(page.includes(from), from)
    return page.replace(from, to)
  }

  test("opens green, shows what was recorded, and asks nothing of any network", async () => {
    const { kind, text, title, labels } = await seen(pageOf(proven(44, everything)))
    assert.deepEqual([kind, title, labels], ["good", "✓ Entry #44", ["holds"]], text)
    assert.match(
      text,
      /This event stands in the ledger\s+It is number 45 of the first 301 entries, and was recorded on 2026-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC/,
    )
    for (const words of ["message.received:44", "telegram", "words of event 44", key]) assert.ok(text.includes(words), words)
    assert.deepEqual(browser.requests, [])
    assert.equal(await browser.value("isSecureContext && location.protocol"), "file:")
  })

  test("header only, and consistency between two checkpoints", async () => {
    const bare = await seen(pageOf(proven(0, { id: false, facts: false, content: false })))
    assert.equal(bare.kind, "good")
    assert.match(bare.text, /Nothing of what was said or done is disclosed here/)
    const grown = await seen(pageOf(proveConsistency(access, storedCheckpoint(access, 100), head)))
    assert.deepEqual([grown.kind, grown.title], ["good", "✓ Consistent"])
    assert.match(grown.text, /The first 100 of the 301 entries/)
  })

  test("texts that look like a page are texts", async () => {
    const { kind, text, title } = await seen(pageOf(proven(300, everything)))
    assert.deepEqual([kind, title], ["good", "✓ Entry #300"], text)
    assert.ok(text.includes("</script><script>document.title='owned'</script>") && text.includes("<script>alert(1)</script>"))
    assert.deepEqual(browser.requests, [])
  })

  test("a key that was told is compared, and another one turns the page red", async () => {
    await seen(pageOf(proven(44, everything)))
    const typed = (text: string) =>
      browser.value<Seen>(`(() => { const input = document.querySelector("input"); input.value = ${JSON.stringify(text)}; input.dispatchEvent(new Event("input"));
        return { kind: document.querySelector("#page").className, title: "", text: document.body.innerText, labels: [document.querySelector(".mark").getAttribute("aria-label")] } })()`)
    const good = await typed(` ${key}\n`)
    assert.deepEqual([good.kind, good.labels], ["good", ["holds"]])
    assert.match(good.text, /The same key/)
    const bad = await typed(key.endsWith("A") ? `${key.slice(0, -1)}B` : `${key.slice(0, -1)}A`)
    assert.deepEqual([bad.kind, bad.labels], ["bad", ["does not hold"]])
    assert.match(bad.text, /Signed with another key[^]*Another key: the proof is from somebody else/)
    assert.equal((await typed("")).kind, "good")
  })

  test("the proof can be saved, and is the file that prove writes", async () => {
    const proof = proven(300, everything)
    await seen(pageOf(proof))
    const saved = await browser.value<string>("fetch(document.querySelector('.save').href).then((answer) => answer.text(), (error) => String(error))")
    // The policy forbids even this to the page; what the link holds is read from the data instead.
    assert.match(saved, /^TypeError/)
    assert.equal(await browser.value("JSON.stringify(JSON.parse(document.querySelector('#proof').textContent))"), proofText(proof))
    assert.match(await browser.value<string>("document.querySelector('.save').href"), /^blob:/)
  })

  describe("changed", () => {
    const page = pageOf(proven(44, everything))

    test("in its data: red, with the reason", async () => {
      for (const [from, to, why] of [
        ["words of event 44", "words of event 45", /the content is not what was recorded/],
        ['\\"channel\\":\\"telegram', '\\"channel\\":\\"telegran', /the facts are not what was recorded/],
        ["\\n301\\n", "\\n302\\n", /the checkpoint cannot be trusted: its signature is wrong/],
        ['"proofFormat":1', '"proofFormat":2', /no proof of a format that this page knows/],
        ['"inclusion":["', '"inclusion":["!', /not written as a proof is written/],
      ] as const) {
        const { kind, text, labels } = await seen(edited(page, from, to))
        assert.deepEqual([kind, labels], ["bad", ["does not hold"]], text)
        assert.match(text, why)
        assert.doesNotMatch(text, /stands in the ledger/)
      }
    })

    test("in its script, its style or its policy: not green", async () => {
      for (const [from, to] of [
        ["problems.push(", "problems.pusH("],
        ["This event stands", "This event Stands"],
        ["--good: #1d7a4f", "--good: #1d7a40"],
        ["default-src 'none'", "default-srd 'none'"],
        ["script-src 'sha256-", "script-src 'sha255-"],
        ["Content-Security-Policy", "Content-Security-Policx"],
        ["base-uri 'none'", "base-uri 'nonf'"],
      ] as const) {
        const { kind, text } = await seen(edited(page, from, to), 8)
        assert.notEqual(kind, "good", `${from} to ${to}`)
        assert.match(text, /Do not rely on it/)
      }
    })

    test("in any one byte: not green, or exactly what it showed before", async () => {
      const whole = await seen(page)
      const bytes = Buffer.from(page)
      let unchanged = 0
      for (let n = 0; n < 100; n++) {
        const at = Math.floor(((n + 0.5) / 100) * bytes.length)
        const bent = Buffer.from(bytes)
        bent.writeUInt8(bent.readUInt8(at) ^ (1 << (n % 7)), at)
        const { kind, text } = await seen(bent, 8)
        if (kind === "good") {
          unchanged++
          assert.equal(text, whole.text, `byte ${at}: ${JSON.stringify(bent.toString("latin1", at - 20, at + 20))}`)
        }
      }
      assert.ok(unchanged <= 4, `${unchanged} changes of a byte in 100 left the page green`)
    })

    test("with scripts switched off it says so", async () => {
      const { kind, text } = await seen(page.replace(/<script>[^]*<\/script>/, ""), 8)
      assert.equal(kind, "bare")
      assert.match(text, /This page has not checked itself/)
    })
  })

  test("a page of the built package is green, too", async () => {
    const { cli } = await builtVersion("1.2.3")
    const made = join(directory, "built.html")
    const { status, stderr } = spawnSync(process.execPath, [cli, "prove", "44", "--facts", "--html", made, ...flagsOf(ledger)], { encoding: "utf8" })
    assert.deepEqual([status, stderr], [0, `Page written to ${made}. It opens in any recent browser and checks itself.\n`])
    const { kind, text } = await seen(readFileSync(made))
    assert.equal(kind, "good", text)
    assert.match(text, /telegram/)
    const red = await seen(edited(readFileSync(made, "utf8"), "telegram", "telegran"))
    assert.deepEqual([red.kind, /the facts are not what was recorded/.test(red.text)], ["bad", true])
  })
})
