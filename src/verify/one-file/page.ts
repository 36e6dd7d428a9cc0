/**
 * The script of verify.html. It runs twice: in the page, and as the text of a worker, which the page's policy lets be made of nothing but what the page has. What
 * runs without a document is the worker.
 */
import { assert } from "../../base/fault.ts"
import type { PageDocument, PageElement, PageFile, PageWorker, WorkerScope } from "./browser.ts"
import { EvidenceList } from "./page-evidence.ts"
import { PinnedKeys } from "./page-keys.ts"
import { serve } from "./page-worker.ts"

type Page = {
  readonly document: PageDocument
  readonly Worker: new (url: string) => PageWorker
}

const scope = globalThis as unknown as Page & WorkerScope
if ("document" in scope) begin(scope)
else serve(scope)

function begin({ document, Worker }: Page): void {
  const script = document.currentScript?.textContent ?? ""
  const text = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const start = () => new Worker(text)
  const part = (id: string): PageElement => {
    const found = document.querySelector(`#${id}`)
    assert(found, `the page has no ${id}`)
    return found
  }
  const [results, summary, stop] = [part("results"), part("summary"), part("stop")]
  let again = (): void => {}
  const keys = new PinnedKeys(document, { field: part("keys"), picker: part("key-files"), list: part("pinned") }, () => again())
  const evidence = new EvidenceList(document, { results, summary, stop, start }, () => keys.texts)
  again = () => evidence.again()
  const take = (files: readonly PageFile[]) => {
    part("found").hidden = false
    evidence.take(files)
  }
  const picker = part("files")
  picker.addEventListener("change", () => {
    take(Array.from(picker.files ?? []))
    picker.value = ""
  })
  receiveDrops(document, part("page"), (files, target) => (part("keys-part").contains(target) ? void keys.take(files) : take(files)))
  part("page").className = "ready"
  part("dead").remove()
}

/** Files that are dropped anywhere: on the keys they are keys, elsewhere evidence. A browser that is left to itself would open them in the place of the page. */
function receiveDrops(document: PageDocument, page: PageElement, take: (files: readonly PageFile[], target: object | null) => void): void {
  document.addEventListener("dragover", (event) => {
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy"
    page.className = "ready over"
  })
  document.addEventListener("dragleave", () => (page.className = "ready"))
  document.addEventListener("drop", (event) => {
    event.preventDefault()
    page.className = "ready"
    const files = Array.from(event.dataTransfer?.files ?? [])
    if (files.length > 0) take(files, event.target)
  })
}
