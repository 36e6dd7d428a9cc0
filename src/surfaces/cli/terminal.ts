/** Where a command's words go: answers to standard output, everything else to standard error. A closed pipe (`| head`) ends the command quietly. */
import { createColors } from "picocolors"

type Colors = ReturnType<typeof createColors>

export type Terminal = {
  readonly colors: Colors
  readonly width: number
  /** Writes to standard output; resolves when it may take more. */
  readonly write: (text: string) => Promise<void>
  readonly note: (text: string) => void
  /** A line that is overwritten; silent unless a person watches. */
  readonly progress: (label: string) => (done: number, total: number) => void
  readonly clearProgress: () => void
}

const redrawEveryMs = 100

export function systemTerminal(): Terminal {
  const coloured = process.stdout.isTTY && !process.env["NO_COLOR"]
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0)
    throw error
  })
  let drawn = false
  const clearProgress = () => {
    if (drawn) process.stderr.write("\r\u001b[2K")
    drawn = false
  }
  return {
    colors: createColors(coloured),
    width: process.stdout.columns ?? 120,
    write: (text) => {
      clearProgress()
      return new Promise((resolve) => (process.stdout.write(text) ? resolve() : process.stdout.once("drain", resolve)))
    },
    note: (text) => {
      clearProgress()
      process.stderr.write(`${text}\n`)
    },
    progress: (label) => progressBar(label, () => (drawn = true)),
    clearProgress,
  }
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
