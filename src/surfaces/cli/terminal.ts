/** Where a command's words go: answers to standard output, everything else to standard error. A closed pipe (`| head`) ends the command quietly. */
import { createColors } from "picocolors"
import { plainPage } from "../../base/plain-text.ts"

type Colors = ReturnType<typeof createColors>

export type Terminal = {
  readonly colors: Colors
  readonly width: number
  /** Writes to standard output, nothing that is no text; resolves when it may take more. */
  readonly write: (text: string) => Promise<void>
  /** The same for what a command makes, a file by another name: byte by byte, but where a person watches. */
  readonly product: (text: string) => Promise<void>
  readonly note: (text: string) => void
  /** A line that is overwritten; silent unless a person watches. */
  readonly progress: (label: string) => (done: number, total: number) => void
  readonly clearProgress: () => void
}

/** What a text needs to know of where it is shown. */
export type Look = Pick<Terminal, "colors" | "width">

const redrawEveryMs = 100

export function systemTerminal(): Terminal {
  const coloured = process.stdout.isTTY === true && !process.env["NO_COLOR"]
  if (!process.stdout.listeners("error").includes(endQuietly)) process.stdout.on("error", endQuietly)
  let drawn = false
  const clearProgress = () => {
    if (drawn) process.stderr.write("\r\u001b[2K")
    drawn = false
  }
  const put = (text: string): Promise<void> => {
    clearProgress()
    return new Promise((resolve) => (process.stdout.write(text) ? resolve() : process.stdout.once("drain", resolve)))
  }
  return {
    colors: createColors(coloured),
    width: process.stdout.columns ?? 120,
    write: (text) => put(plainPage(text, coloured)),
    product: (text) => put(process.stdout.isTTY ? plainPage(text, false) : text),
    note: (text) => {
      clearProgress()
      process.stderr.write(`${plainPage(text, coloured)}\n`)
    },
    progress: (label) => progressBar(label, () => (drawn = true)),
    clearProgress,
  }
}

/** A reader that went away has what it wanted; what cannot be written, as on a full disk, is no answer. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0)
  process.stderr.write(`The answer could not be written: ${plainPage(error.message, false)}. Look at where standard output goes.\n`)
  process.exit(2)
}

function progressBar(label: string, draw: () => void): (done: number, total: number) => void {
  const startedMs = Date.now()
  let lastMs = 0
  return (done, total) => {
    const nowMs = Date.now()
    if (!process.stderr.isTTY || nowMs - lastMs < redrawEveryMs || nowMs - startedMs < 500) return
    lastMs = nowMs
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const rate = Math.round(done / ((nowMs - startedMs) / 1000))
    const leftS = rate === 0 ? 0 : Math.max(0, Math.round((total - done) / rate))
    process.stderr.write(
      `\r\u001b[2K${label} ${"█".repeat(Math.round(share * 24)).padEnd(24, "░")} ${Math.round(share * 100)} %  ${rate.toLocaleString("en")}/s  ${leftS} s left`,
    )
    draw()
  }
}
