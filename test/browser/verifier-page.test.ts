/** verify.html in a real browser, opened from a file: keys are pinned and files given in every way there is, and whatever a file says stays text. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { needsOpenssl } from "../anchor/authority.ts"
import { temporaryLedger } from "../ledger-fixture.ts"
import { proofText } from "../../src/format/proof.ts"
import { headCheckpoint } from "../../src/views/checkpoints.ts"
import { proveEntry } from "../../src/views/proof.ts"
import { builtVerifiers, goodEvidence, type Evidence } from "../verify/one-file/built.ts"
import { forkedLedger, ledgerBundle } from "../verify/peac/ledger-bundles.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "../verify/peac/made-records.ts"
import { Chromium, needsChromium } from "./chromium.ts"

type Article = { readonly className: string; readonly verdict: string; readonly file: string; readonly text: string }
type Seen = { readonly dead: boolean; readonly summary: string; readonly pinned: readonly string[]; readonly articles: readonly Article[] }

const state = `({
  dead: document.querySelector('#dead') !== null,
  summary: document.querySelector('#summary').textContent,
  pinned: [...document.querySelectorAll('#pinned li span')].map((one) => one.textContent),
  articles: [...document.querySelectorAll('article')].map((one) => ({
    className: one.className, verdict: one.querySelector('.verdict strong')?.textContent ?? '', file: one.querySelector('h3').textContent, text: one.textContent,
  })),
})`

describe("verify.html", needsChromium, () => {
  let [browser, evidence, page]: [Chromium, Evidence, string] = [undefined as never, undefined as never, ""]
  before(async () => {
    evidence = await goodEvidence(ending)
    page = join(evidence.directory, "verify.html")
    writeFileSync(page, (await builtVerifiers()).html)
    browser = await Chromium.start()
  })
  const endings: (() => void)[] = []
  const ending = { after: (end: () => void) => void endings.push(end) }
  after(async () => {
    await browser?.end()
    for (const end of endings.reverse()) end()
  })

  const path = (name: string) => join(evidence.directory, name)
  const put = (name: string, content: string | Uint8Array) => {
    writeFileSync(path(name), content)
    return path(name)
  }
  const now = () => browser.value<Seen>(state)
  /** When nothing is being checked any more. */
  async function found(count: number): Promise<Seen> {
    for (;;) {
      const seen = await now()
      if (seen.articles.length === count && seen.articles.every(({ className }) => className !== "waiting")) return seen
      await browser.value("new Promise((resolve) => setTimeout(resolve, 20))")
    }
  }
  async function given(files: readonly string[], keys: readonly string[] = []): Promise<Seen> {
    await browser.open(page)
    if (keys.length > 0) await browser.choose("#key-files", keys)
    await browser.choose("#files", files)
    return found(files.length)
  }
  const verdicts = ({ articles }: Seen) => articles.map(({ verdict }) => verdict)

  test("bundles of one ledger that contradict each other are invalid together, and each good alone", async () => {
    const { one, other, keys } = forkedLedger(ending, 3)
    const files = [one, other].map((ledger, at) => put(`fork-${at}.peacbundle`, zipOf(ledgerBundle(ledger))))
    const pinned = [put("fork.json", keys)]
    assert.deepEqual(verdicts(await given(files.slice(0, 1), pinned)), ["valid"])
    const { articles, summary } = await given(files, pinned)
    assert.deepEqual([articles.map(({ verdict }) => verdict), summary], [["invalid", "invalid"], "2 files: 2 invalid"])
    assert.match(articles[0]?.text ?? "", /receipt 1 of sovereign-ledger\/\S+ is another one in fork-1\.peacbundle/)
  })

  test("several files at once are judged, each in words, under keys out of files; without keys none is valid", async () => {
    const names = [...evidence.files.keys()]
    const keys = Object.values(evidence.keys).map(path)
    const seen = await given(names.map(path), keys)
    assert.deepEqual(
      seen.articles.map(({ file, verdict, className }) => [file, verdict, className]),
      names.map((name) => {
        const verdict = name.startsWith("exceeded") ? "exceeded" : name.startsWith("erased") ? "valid with erasures" : "valid"
        return [name, verdict, verdict === "exceeded" ? "bad" : "good"]
      }),
    )
    assert.equal(seen.summary, `${names.length} files: ${names.length - 2} valid, 1 valid with erasures, 1 exceeded`)
    assert.ok(
      seen.articles.every(
        ({ text }) =>
          /What was checked/.test(text) && /pinned by you/.test(text) && /What it does not prove/.test(text) && /SHA-256 of the file: [0-9a-f]{64}/.test(text),
      ),
    )
    assert.match(seen.articles.find(({ file }) => file === "erased.ndjson")?.text ?? "", /erased\d+ not in this file: erased, or not exported/)
    assert.ok(verdicts(await given(names.map(path))).every((verdict) => verdict === "unverifiable"))
    assert.deepEqual(
      browser.requests.filter((url) => !url.startsWith("blob:")),
      [],
    )
  })

  test("time-stamps are checked by the browser, down to the certificate that is pinned; a forged one is invalid", needsOpenssl, async () => {
    const keys = [path(evidence.keys.anchored), path(evidence.authority)]
    assert.deepEqual(verdicts(await given([path("anchored.ndjson")], keys)), ["valid"])
    const text = evidence.files.get("anchored.ndjson")?.toString() ?? ""
    const proof = /"proof":"([^"]+)"/.exec(text)?.[1] ?? ""
    const token = Buffer.from(proof, "base64")
    token[token.length - 5] = (token.at(-5) ?? 0) ^ 1
    writeFileSync(path("forged.ndjson"), text.slice(0, text.lastIndexOf(proof)) + token.toString("base64") + text.slice(text.lastIndexOf(proof) + proof.length))
    assert.deepEqual(verdicts(await given([path("forged.ndjson")], keys)), ["invalid"])
  })

  test("a key that is pasted judges what was given before, and again when it is another", async () => {
    await given([path("month.peacbundle")])
    const paste = (text: string) =>
      browser.value(`(() => { const keys = document.querySelector('#keys'); keys.value = ${JSON.stringify(text)}; keys.dispatchEvent(new Event('input')) })()`)
    const text = (name: string) => readFileSync(path(name), "utf8")
    await paste(text(evidence.keys.receipts))
    assert.deepEqual(verdicts(await found(1)), ["valid"])
    assert.match((await now()).pinned.join(), /^Pinned: receipts \S{43}$/)
    await paste(text(evidence.foreign))
    assert.deepEqual(verdicts(await found(1)), ["unverifiable"])
    await paste("nonsense")
    assert.match((await now()).pinned.join(), /^Not pinned: what you pasted is no key: /)
    assert.deepEqual(verdicts(await found(1)), ["unverifiable"])
  })

  test("keys of several files are pinned together, and one that is removed judges nothing any more", async () => {
    const seen = await given([path("head.note"), path("receipt.jws")], [path(evidence.keys.ledger), path(evidence.keys.receipts)])
    assert.deepEqual(verdicts(seen), ["valid", "valid"])
    await browser.value("document.querySelector('#pinned button[aria-label=\"Remove ledger.keys\"]').click()")
    assert.deepEqual(verdicts(await found(2)), ["unverifiable", "valid"])
  })

  test("files are dropped: on the keys they are keys, anywhere else evidence", async () => {
    await browser.open(page)
    const drop = (where: string, name: string) => {
      const bytes = readFileSync(path(name)).toString("base64")
      return browser.value(`(() => {
        const data = new DataTransfer()
        data.items.add(new File([Uint8Array.from(atob('${bytes}'), (one) => one.charCodeAt(0))], '${name}'))
        for (const type of ['dragover', 'drop']) document.querySelector('${where}').dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }))
      })()`)
    }
    await drop("h1", "month.peacbundle")
    assert.deepEqual(verdicts(await found(1)), ["unverifiable"])
    await drop("#keys-title", evidence.keys.receipts)
    for (let seen = await now(); seen.pinned.length === 0;) seen = await now()
    assert.deepEqual(verdicts(await found(1)), ["valid"])
    await drop("#drop", evidence.keys.receipts)
    const seen = await found(2)
    assert.match(seen.articles[1]?.text ?? "", /file of keys, not evidence/)
  })

  test("the keyboard reaches everything, in the order in which it is read, and what has the focus is seen", async () => {
    await browser.open(page)
    const reached: string[] = []
    for (let i = 0; i < 3; i++) {
      await browser.press("Tab", 9)
      reached.push(await browser.value<string>("document.activeElement.id"))
      assert.notEqual(await browser.value<string>("getComputedStyle(document.activeElement).outlineStyle"), "none")
    }
    assert.deepEqual(reached, ["keys", "key-files", "files"])
    await browser.value("document.querySelector('#keys').focus()")
    await browser.write(readFileSync(path(evidence.keys.receipts), "utf8"))
    assert.match((await now()).pinned.join(), /^Pinned: receipts/)
    const labels = "[...document.querySelectorAll('input, textarea')].every((one) => one.labels.length > 0)"
    assert.equal(await browser.value<boolean>(labels), true, "every field has a label")
    assert.equal(await browser.value<string>("document.querySelector('#summary').getAttribute('role')"), "status")
  })

  test("markup in every field of evidence and in the names of files is text, and nothing of it runs", async () => {
    const evil = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'"><b>bold</b>&amp;<a href="javascript:1">x</a>`
    const ledger = temporaryLedger(ending)
    ledger.record({ type: "message.received", id: evil, facts: { channel: evil, length: 3 }, content: { text: evil, [evil]: [evil], inner: { [evil]: evil } } })
    ledger.checkpoint()
    const access = ledger.read()
    const entry = access.reader.entry(access.reader.size() - 1)
    assert.ok(entry)
    const proof = proofText(proveEntry(access, entry, headCheckpoint(access, undefined), { id: true, facts: true, content: true }))
    const issuer = newKey()
    const claims = claimsOf(0, { sub: evil, type: "org.example/thing", extensions: { "org.example/x": { [evil]: evil, list: [evil] } } })
    const record = { claims, jws: jwsOf(claims, issuer) }
    const bundle = zipOf(bundleFiles([record], issuer, (told) => ({ ...told, bundle_id: evil, created_by: evil })))
    const keys = put("<b>bold<b>.json", JSON.stringify({ keys: [issuer.jwk, { ...newKey().jwk, kid: evil }] }))
    const files = [
      put("<img src=x onerror=alert(1)>.json", proof),
      put("<b>one<b>.jws", `${record.jws}\n`),
      put("<b>two<b>.peacbundle", bundle),
      put(
        "<b>three<b>.note",
        `${evil}\n1\n${Buffer.alloc(32).toString("base64")}\n\n\u2014 ${evil.replaceAll(" ", "_")} ${Buffer.alloc(68).toString("base64")}\n`,
      ),
      put("<b>four<b>.jws", `${jwsOf(claimsOf(0, { iss: evil }), issuer, { kid: evil })}\n`),
      put("<b>five<b>.ndjson", `{"id":"${"<b>x"}"}\n{"exportFormat":1,"rows":1,"complete":true,"checkpoint":"<b>","verifierKey":"<b>"}\n`),
    ]
    const seen = await given(files, [keys, put("ledger.key", ledger.keys().store.verifierKey)])
    assert.deepEqual(verdicts(seen), ["valid", "valid", "valid", "invalid", "invalid", "unverifiable"])
    const shown = seen.articles.map(({ text }) => text).join("\n")
    for (const part of ["<img src=x onerror=\"document.title='owned'\">", "<b>bold</b>&amp;", "<b>two<b>.peacbundle"]) assert.ok(shown.includes(part), part)
    assert.ok(
      seen.pinned.some((words) => words.includes("<b>bold</b>")),
      "the name of a key is shown as it is",
    )
    const strange = "[...document.querySelectorAll('body *')].map((one) => one.localName).filter((name) => !allowed.includes(name))"
    const allowed =
      "main h1 h2 h3 h4 p section label textarea input ul li span button div article strong bdi svg circle path dl dt dd details summary footer script".split(
        " ",
      )
    assert.deepEqual(await browser.value(`((allowed) => ${strange})(${JSON.stringify(allowed)})`), [])
    assert.equal(await browser.value("document.querySelectorAll('script').length"), 1)
    assert.equal(await browser.value("document.title"), "Check evidence - Sovereign Ledger")
  })

  test("nothing can be loaded or sent, by whoever runs something in it", async () => {
    await browser.open(page)
    const tried = `(async () => {
      const stopped = new Set()
      document.addEventListener('securitypolicyviolation', (event) => stopped.add(event.effectiveDirective))
      const picture = document.createElement('img')
      picture.src = 'http://127.0.0.1:9/x.png'
      document.body.append(picture)
      const script = document.createElement('script')
      script.textContent = "document.title = 'owned'"
      document.body.append(script)
      const sent = await fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'refused')
      await new Promise((resolve) => setTimeout(resolve, 50))
      return [sent, document.title, ...[...stopped].sort()].join()
    })()`
    assert.equal(await browser.value(tried), "refused,Check evidence - Sovereign Ledger,connect-src,img-src,script-src-elem")
  })

  test("a page whose script was changed does not start, and says so", async () => {
    const html = readFileSync(page, "utf8")
    const changed = join(evidence.directory, "changed.html")
    writeFileSync(changed, html.replace('"invalid" : ', '"valid" : '))
    assert.notEqual(readFileSync(changed, "utf8"), html)
    await browser.open(changed)
    const seen = await now()
    assert.equal(seen.dead, true)
    assert.match(await browser.value<string>("document.querySelector('#dead').innerText"), /has checked nothing/)
  })

  test("bombs and nonsense are answered, and the page goes on", async () => {
    const deep = "[".repeat(5_000_000)
    const files = [
      put("deep.json", `{"proofFormat":1,"proves":"inclusion","entry":${deep}`),
      put("deep.ndjson", `{"id":${deep}\n{"exportFormat":1,"rows":1,"complete":true,"checkpoint":"x","verifierKey":"y"}\n`),
      put("deep.jws", `${[`{"kid":${"[".repeat(200_000)}`, "{}", ""].map((part) => Buffer.from(part).toString("base64url")).join(".")}\n`),
      put("bomb.zst", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4, 0, 1, 0])),
      put("bomb.peacbundle", Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(3_000_000)])),
      put("empty", ""),
      put("zeros", Buffer.alloc(1_000_000)),
      path("month.peacbundle"),
    ]
    const seen = await given(files, [path(evidence.keys.receipts)])
    assert.deepEqual(verdicts(seen), ["unverifiable", "unverifiable", "invalid", "unverifiable", "invalid", "unverifiable", "unverifiable", "valid"])
  })

  test("checking is stopped by the reader: what was not answered is not called valid", async () => {
    await browser.open(page)
    await browser.choose("#key-files", [path(evidence.keys.receipts)])
    // With other keys all is checked again, also what was stopped: so not before they are there.
    for (let seen = await now(); seen.pinned.length === 0;) seen = await now()
    const stop = "document.querySelector('#files').addEventListener('change', () => document.querySelector('#stop').click(), { once: true })"
    await browser.value(stop)
    await browser.choose("#files", [path("month.peacbundle")])
    const seen = await found(1)
    assert.deepEqual(verdicts(seen), ["unverifiable"])
    assert.match(seen.articles[0]?.text ?? "", /you stopped it/)
  })
})
