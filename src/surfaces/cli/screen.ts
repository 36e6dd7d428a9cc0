/**
 * A screen that is drawn again and again in a terminal, and leaves the terminal as it was. Lines are cut at the terminal's edge by the terminal itself, whatever its size and however wide a
 * character is; what is below its last line is not drawn. Sequences: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
import { plainPage } from "../../base/plain-text.ts"
import { onStopSignal } from "../../base/stop-signals.ts"

const [enter, leave] = ["\u001b[?1049h\u001b[?25l\u001b[?7l", "\u001b[?7h\u001b[?25h\u001b[?1049l"]
const [home, endOfLine, below, plainStyle] = ["\u001b[H", "\u001b[K", "\u001b[J", "\u001b[0m"]

/** q, and what Ctrl-C and Ctrl-D send where the terminal makes no signals of them. */
const endings = ["q", "Q", "\u0003", "\u0004"]

export type Screen = {
  /** Aborted when somebody pressed q or Ctrl-C, or a signal asks the process to end. */
  readonly ended: AbortSignal
  readonly rows: () => number
  readonly draw: (lines: readonly string[]) => void
  /** Called when the terminal has another size. */
  onResize: (redraw: () => void) => void
  close(): void
}

export function openScreen(): Screen {
  const { stdin, stdout } = process
  const stop = new AbortController()
  const end = () => stop.abort()
  const keys = (typed: Buffer) => (endings.some((key) => typed.includes(key)) ? end() : undefined)
  let redraw = () => {}
  const resized = () => redraw()
  const isRaw = stdin.isTTY
  if (isRaw) stdin.setRawMode(true).on("data", keys).resume()
  stdout.on("resize", resized)
  stdout.write(enter)
  const forget = onStopSignal(end)
  return {
    ended: stop.signal,
    rows: () => stdout.rows || 24,
    draw: (lines) => {
      const shown = lines.slice(0, Math.max(1, stdout.rows || 24)).map((line) => `${plainPage(line, true)}${plainStyle}${endOfLine}`)
      stdout.write(`${home}${shown.join("\r\n")}${below}`)
    },
    onResize: (again) => (redraw = again),
    close: () => {
      forget()
      stdout.off("resize", resized)
      if (isRaw) stdin.off("data", keys).setRawMode(false).pause()
      stdout.write(leave)
    },
  }
}
