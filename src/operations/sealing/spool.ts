/** Sealed bytes that must be read at any place but come or go as a stream: they lie, sealed, in a file of the system's temporary directory meanwhile. */
import { randomBytes } from "node:crypto"
import { tmpdir } from "node:os"
import { join } from "node:path"

export function spoolPath(): string {
  return join(tmpdir(), `sovereign-ledger-${randomBytes(8).toString("hex")}.sealed`)
}
