/** Entries as they are recorded, as server-sent events: what browsers take up again by themselves when a connection ends. */
import type { LiveEntries, LiveNews } from "./live-entries.ts"
import { problemReply, type Reply } from "./reply.ts"

/** So that who is not logged in any more does not go on listening. */
const longestMs = 3_600_000
const stillThereEveryMs = 15_000
const mostListeners = 24
/** A reader who does not take what is sent is let go; it begins anew where it is by then. */
const mostUnreadBytes = 4_000_000

let listening = 0

export function liveReply(entries: LiveEntries): Reply {
  if (listening >= mostListeners) return problemReply(503, "Too many pages are open.", "Close some of them.", { "Retry-After": "30" })
  return {
    status: 200,
    type: "text/event-stream; charset=utf-8",
    headers: { "X-Accel-Buffering": "no" },
    pour: (write, end, response) => {
      listening++
      const told = (event: string, data: object) => {
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        if (response.writableLength > mostUnreadBytes) response.destroy()
      }
      write("retry: 1000\n\n")
      const forget = entries.listen({ news: (news: LiveNews) => told("news", news), problem: (words) => told("problem", { words }) })
      const beat = setInterval(() => write(": still there\n\n"), stillThereEveryMs)
      const last = setTimeout(end, longestMs)
      return () => {
        listening--
        clearInterval(beat)
        clearTimeout(last)
        forget()
      }
    },
  }
}
