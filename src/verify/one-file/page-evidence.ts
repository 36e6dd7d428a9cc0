/** The files that were given, each with what was found in it under the keys that are pinned now. New keys, and all are checked again. */
import type { EvidenceVerdict, Finding } from "../evidence/evidence.ts"
import { heldTogether } from "../evidence/together.ts"
import { unreadable } from "../evidence/unknown.ts"
import type { PageDocument, PageElement, PageFile, PageWorker } from "./browser.ts"
import { FindingView } from "./page-finding.ts"
import type { Answer, Order } from "./page-worker.ts"

type Found = { readonly finding: Finding; readonly sha256: string | null }

/** `found`: of the file alone; `shown`: with what the others say. */
type Given = { readonly file: PageFile; place: PageElement; found: Found | undefined; shown: Finding | undefined; order: number }

/** Where they are shown, and how a worker is started. */
export type EvidenceParts = { readonly results: PageElement; readonly summary: PageElement; readonly stop: PageElement; readonly start: () => PageWorker }

export class EvidenceList {
  readonly #view: FindingView
  readonly #parts: EvidenceParts
  readonly #pins: () => readonly string[]
  readonly #given: Given[] = []
  #worker: PageWorker | undefined
  #orders = 0

  constructor(document: PageDocument, parts: EvidenceParts, pins: () => readonly string[]) {
    this.#view = new FindingView(document)
    this.#parts = parts
    this.#pins = pins
    parts.stop.addEventListener("click", () => this.#end("you stopped it"))
  }

  take(files: readonly PageFile[]): void {
    for (const file of files) {
      const place = this.#view.waiting(file.name, 0)
      this.#parts.results.append(place)
      const given = { file, place, found: undefined, shown: undefined, order: 0 }
      this.#given.push(given)
      this.#order(given)
    }
    this.#summarise()
  }

  /** Nothing that was found under other keys stays. */
  again(): void {
    if (this.#given.length === 0) return
    this.#worker?.terminate()
    this.#worker = undefined
    for (const given of this.#given) this.#order(given)
    this.#summarise()
  }

  #order(given: Given): void {
    Object.assign(given, { order: ++this.#orders, found: undefined, shown: undefined })
    this.#put(given, this.#view.waiting(given.file.name, 0))
    this.#running().postMessage({ id: given.order, file: given.file, pins: this.#pins() } satisfies Order)
  }

  #running(): PageWorker {
    if (this.#worker) return this.#worker
    const worker = this.#parts.start()
    worker.addEventListener("message", ({ data }) => this.#answer(data as Answer))
    worker.addEventListener("error", (event) => {
      event.preventDefault()
      this.#end(event.message ?? "this browser does not run it; verify.mjs does the same in Node")
    })
    this.#worker = worker
    return worker
  }

  #answer(answer: Answer): void {
    const given = this.#given.find(({ order }) => order === answer.id)
    if (!given) return
    if ("entries" in answer) return this.#put(given, this.#view.waiting(given.file.name, answer.entries))
    given.found = answer
    this.#show(given, answer.finding)
    if (this.#given.every(({ found }) => found)) this.#showTogether()
    this.#summarise()
  }

  #showTogether(): void {
    const answered = this.#given.flatMap((given) => (given.found ? [{ given, ...given.found, file: given.file.name }] : []))
    for (const [at, finding] of heldTogether(answered).entries()) {
      const given = answered[at]?.given
      if (given && given.shown !== finding) this.#show(given, finding)
    }
  }

  #show(given: Given, finding: Finding): void {
    given.shown = finding
    this.#put(given, this.#view.found(given.file.name, finding, given.found?.sha256 ?? null))
  }

  /** What is not answered yet never will be. */
  #end(why: string): void {
    this.#worker?.terminate()
    this.#worker = undefined
    for (const { order } of this.#given.filter(({ found }) => found === undefined)) this.#answer({ id: order, finding: unreadable(why), sha256: null })
  }

  #put(given: Given, place: PageElement): void {
    given.place.replaceWith(place)
    Object.assign(given, { place })
  }

  #summarise(): void {
    const counts = new Map<string, number>()
    for (const { shown } of this.#given) {
      const verdict: EvidenceVerdict | "being checked" = shown?.verdict ?? "being checked"
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    }
    const words = [...counts].map(([what, count]) => `${count} ${what}`).join(", ")
    this.#parts.summary.textContent = `${this.#given.length} ${this.#given.length === 1 ? "file" : "files"}: ${words}`
    this.#parts.stop.hidden = !counts.has("being checked")
  }
}
