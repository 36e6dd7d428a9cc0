/**
 * A ledger that is asked again and again by one process: files stay open, and the ledger's state is carried on by what was recorded since it was last asked. Where
 * another file took the place of one that is read (pruning, sealing anew, a backup put back), everything is opened anew.
 */
import { statSync } from "node:fs"
import type { LedgerFiles } from "../journal/files.ts"
import type { LedgerState } from "../ledger/state.ts"
import { keptSnapshot } from "../projections/ledger-snapshot.ts"
import { carriedOn, stateUpTo } from "../projections/ledger-state.ts"
import type { SecretPlaces } from "../vault/master-key.ts"
import { keepState } from "./kept-state.ts"
import { openForReading, type LedgerAccess } from "./ledger-access.ts"

type Opened = { readonly access: LedgerAccess; readonly identity: string; state: LedgerState | undefined; next: number }

export class LiveLedger {
  readonly #files: LedgerFiles
  readonly #places: () => SecretPlaces
  #opened: Opened | undefined

  constructor(files: LedgerFiles, places: () => SecretPlaces) {
    this.#files = files
    this.#places = places
  }

  /**
   * `state` is nobody's to change: it is carried on.
   * @throws {Fault} as `openForReading`; the next question opens everything anew
   */
  ask<T>(question: (access: LedgerAccess, state: LedgerState) => T): T {
    return this.#asked((opened) => question(opened.access, this.#state(opened)))
  }

  /**
   * What is open, current as of now; its owner stays the one who closes it.
   * @throws {Fault} as `openForReading`
   */
  access(): LedgerAccess {
    return this.#asked(({ access }) => {
      keepState(access)
      return access
    })
  }

  #asked<T>(question: (opened: Opened) => T): T {
    try {
      const opened = this.#current()
      opened.access.refresh()
      return question(opened)
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#opened?.access.close()
    this.#opened = undefined
  }

  #current(): Opened {
    // Taken before: a file that is exchanged while it is opened is opened once more the next time.
    const identity = identityOf(this.#files)
    if (this.#opened && this.#opened.identity !== identity) this.close()
    this.#opened ??= { access: openForReading(this.#files, this.#places()), identity, state: undefined, next: 0 }
    return this.#opened
  }

  #state(opened: Opened): LedgerState {
    const { reader } = opened.access
    const size = reader.size()
    opened.state = opened.state
      ? carriedOn(opened.state, reader, { from: opened.next, size })
      : stateUpTo(
          reader,
          size,
          opened.access.ask((views) => keptSnapshot(views, reader)),
        )
    opened.next = size
    return opened.state
  }
}

function identityOf({ journal, views, scopes, keys }: LedgerFiles): string {
  return [journal, views, scopes, keys].map(fileAt).join(" ")
}

function fileAt(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? "-" : `${found.dev}:${found.ino}`
}
