/**
 * Where a ledger's socket stands. Beside the data as long as the path fits (a unix socket's path has at most 107 bytes), else in a private
 * directory named after the data directory. On Windows a named pipe, whose name carries the same hash.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { tmpdir, userInfo } from "node:os"

const longestPathBytes = 100

export function socketPath(directory: string): string {
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 16)
  if (process.platform === "win32") return `\\\\.\\pipe\\sovereign-ledger-${hash}`
  const beside = join(directory, "writer.sock")
  if (Buffer.byteLength(beside) <= longestPathBytes) return beside
  return join(tmpdir(), `sovereign-ledger-${userInfo().uid}`, `${hash}.sock`)
}
