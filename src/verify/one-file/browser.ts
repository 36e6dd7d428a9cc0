/** The little of a browser that verify.html uses. */

export type PageFile = {
  readonly name: string
  readonly size: number
  readonly slice: (from: number, to: number) => object
  readonly text: () => Promise<string>
}

export type PageEvent = {
  readonly target: object | null
  readonly dataTransfer?: { readonly files: ArrayLike<PageFile>; dropEffect: string } | null
  readonly preventDefault: () => void
}

export type PageElement = {
  textContent: string | null
  className: string
  value: string
  hidden: boolean
  disabled: boolean
  open: boolean
  readonly files: ArrayLike<PageFile> | null
  readonly append: (...nodes: readonly (PageElement | string)[]) => void
  readonly replaceChildren: (...nodes: readonly (PageElement | string)[]) => void
  readonly replaceWith: (node: PageElement) => void
  readonly remove: () => void
  readonly contains: (node: object | null) => boolean
  readonly setAttribute: (name: string, value: string) => void
  readonly addEventListener: (event: string, run: (event: PageEvent) => void) => void
}

export type PageDocument = {
  title: string
  readonly currentScript: { readonly textContent: string | null } | null
  readonly querySelector: (which: string) => PageElement | null
  readonly createElement: (name: string) => PageElement
  readonly createElementNS: (namespace: string, name: string) => PageElement
  readonly addEventListener: (event: string, run: (event: PageEvent) => void) => void
}

export type WorkerEvent = { readonly data?: unknown; readonly message?: string; readonly preventDefault: () => void }

/** What goes to the worker and what comes back; `error` where it could not be started. */
export type PageWorker = {
  readonly addEventListener: (event: "message" | "error", run: (event: WorkerEvent) => void) => void
  readonly postMessage: (message: unknown) => void
  readonly terminate: () => void
}

/** The side of the worker itself. */
export type WorkerScope = {
  readonly addEventListener: (event: "message", run: (event: WorkerEvent) => void) => void
  readonly postMessage: (message: unknown) => void
  readonly FileReaderSync: new () => { readonly readAsArrayBuffer: (part: object) => ArrayBuffer }
}
