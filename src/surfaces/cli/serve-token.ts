/** The token by which `serve` lets somebody in: in a file that only its owner reads, made where there is none. */
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"

const tokenBytes = 32

export type ServeToken = { readonly token: string; readonly created: boolean }

/** @throws {Fault} `serve.token-unusable` */
export function serveToken(file: string): ServeToken {
  try {
    const token = randomBytes(tokenBytes).toString("base64url")
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 }) // of a ledger that is not set up yet
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: "wx" })
    return { token, created: true }
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST"
    if (!isThere) throw new Fault("serve.token-unusable", { file, problem: problemOf(error) }, error)
    return { token: tokenIn(file), created: false }
  }
}

function tokenIn(file: string): string {
  try {
    const text = readFileSync(file, "utf8").trim()
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) throw new Error("other users can read it")
    if (!/^[A-Za-z0-9._~+/=-]{20,200}$/.test(text)) throw new Error("what is in it is none")
    return text
  } catch (error) {
    throw new Fault("serve.token-unusable", { file, problem: problemOf(error) }, error)
  }
}
