/**
 * Where work of the plugin's own is begun that calls the host: outside of whatever hook or connection it comes from. The host's word on who calls, and on which copies of
 * plugins are asked, goes along with asynchronous work. In a hook it is that of a run that is over by then; on a connection, of the copy that made it: after a
 * reload the host finds the hooks of that copy, which it calls no more, and a message leaves without having been judged.
 */
import { AsyncLocalStorage } from "node:async_hooks"

export class Outside {
  #run: (<T>(work: () => T) => T) | undefined
  #by: unknown

  /** Where nobody calls: in the start of a service. @param by the copy that starts. */
  stands(by: unknown): void {
    this.#run = AsyncLocalStorage.snapshot()
    this.#by = by
  }

  /** The copy is on its way out. What another one said since stays. */
  leaves(by: unknown): void {
    if (this.#by === by) this.#run = undefined
  }

  /** Undefined while no copy stands: before the first start, and in a reload. */
  get now(): (<T>(work: () => T) => T) | undefined {
    return this.#run
  }
}
