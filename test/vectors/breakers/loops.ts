/** Loops: each must trip its breaker at the named call at the latest, by the defaults. */
import { at, edit, exec, fetchUrl, poll, read, times, uuid, words, type Trace, type TracedCall } from "./trace.ts"

const identical = (name: string, atCall: number, calls: readonly TracedCall[]): Trace => ({ name, calls, trips: { breaker: "identical-calls", atCall } })
const similar = (name: string, atCall: number, calls: readonly TracedCall[]): Trace => ({ name, calls, trips: { breaker: "similar-calls", atCall } })
const still = "(no new output)\n\nProcess still running."
const noise = (n: number) => `${at(n)} request ${uuid(n)} failed after ${130 + n}ms: 503 Service Unavailable`

export const loops: readonly Trace[] = [
  identical("one command, 121 times", 4, times(121, () => exec("date +%Y", "2026"))),
  identical("one file, read again and again", 4, times(30, () => read("notes.txt", "abc"))),
  identical("an empty result, again and again", 4, times(30, () => exec("grep -r needle .", ""))),
  identical("a file that is not there", 4, times(30, () => ({ ...read("missing.txt", ""), error: "ENOENT: no such file or directory" }))),
  identical("a tool that the host does not know", 4, times(30, () => ({ tool: "tool_call", params: { id: "nothing", args: {} }, result: "Unknown tool id", error: "Unknown tool id" }))),
  identical("arguments in another order each time", 4, times(30, (n) => ({ tool: "grep", params: n % 2 ? { pattern: "x", path: "." } : { path: ".", pattern: "x" }, result: "none" }))),
  identical("a search without results", 4, times(30, () => ({ tool: "web_search", params: { query: "the same words" }, result: "[]" }))),
  identical("two calls in turn", 8, times(30, () => [exec("ls", "a"), exec("pwd", "/w")])),
  identical("three calls in turn", 12, times(30, () => [exec("ls", "a"), exec("pwd", "/w"), read("a", "b")])),
  identical("twenty calls in turn", 80, times(10, () => times(20, (n) => read(`f-${words(n, 2)}`, words(n, 4))))),
  identical("four at once, and four again", 4, times(4, () => times(4, (n) => ({ ...exec("whoami", "op"), ...(n > 0 && { beside: true as const }) })))),
  identical("two at once, again and again", 4, times(9, () => times(2, (n) => ({ ...exec("id", "0"), ...(n > 0 && { beside: true as const }) })))),
  identical("a loop after work", 24, [...times(20, (n) => read(`src/${words(n, 2)}`, words(n, 7))), ...times(9, () => exec("make", "nothing to be done"))]),
  identical("a loop behind a counter that brings nothing", 9, times(12, (n) => [exec("make", "done"), exec(`echo attempt ${n}`, `attempt ${n}`)])),
  identical("an edit that fails each time", 4, times(12, () => ({ ...edit("a.ts", 1), result: "Could not find the exact text", error: "Could not find the exact text" }))),
  identical("a write of the same text", 4, times(12, () => ({ tool: "write", params: { path: "a", content: "b" }, result: "Successfully wrote 1 bytes" }))),
  identical("a call that is refused each time", 4, times(12, () => ({ ...exec("rm -rf /", ""), error: "Tool call blocked because policy" }))),
  identical("a message sent over and over", 4, times(12, () => ({ tool: "message", params: { action: "send", message: "hi" }, result: '{"ok":true}' }))),
  identical("a test without any edit in between", 4, times(12, () => exec("npm test", "1 failing"))),
  identical("the same failing test between new edits, twenty times", 39, times(30, (n) => [exec("npm test", "1 failing"), read(`x/${words(n, 3)}`, words(n + 2, 9))])),
  similar("the time in the arguments", 30, times(60, (n) => fetchUrl(`https://api.example/state?t=${1_764_400_000_000 + n * 1_377}`, "{}"))),
  similar("a counter in the arguments", 30, times(60, (n) => exec(`./try.sh --attempt ${n}`, "not yet"))),
  similar("a counter that comes back in the result", 30, times(60, (n) => exec(`./try.sh ${n}`, `attempt ${n}: not yet`))),
  similar("a new id each time", 30, times(60, (n) => ({ tool: "api", params: { requestId: uuid(n), method: "get" }, result: "none" }))),
  similar("a new id in both", 30, times(60, (n) => ({ tool: "api", params: { requestId: uuid(n) }, result: `request ${uuid(n)}: none` }))),
  similar("a result that tells the time", 30, times(60, (n) => exec("systemctl is-active web", `${at(n)} inactive`))),
  similar("a result that tells how long it took", 30, times(60, (n) => exec("npm test", `1 failing (${1_000 + n * 13}ms)`))),
  similar("an error with time, id and duration", 30, times(60, (n) => ({ ...fetchUrl("https://down.example", noise(n)), error: noise(n) }))),
  similar("white space that comes and goes", 30, times(60, (n) => exec(`ls${" ".repeat(1 + (n % 40))}-la${"\n".repeat(n % 9)}`, "total 0"))),
  similar("a hexadecimal id in the path", 30, times(60, (n) => read(`/tmp/run-${(n * 2_654_435_761 + 9).toString(16).padStart(14, "0")}/out`, "empty"))),
  similar("a list in another order each time", 30, times(60, (n) => ({ tool: "api", params: { fields: n % 2 ? ["a", "b", "c"] : ["c", "a", "b"], n }, result: "none" }))),
  similar("one page after another, all empty", 30, times(60, (n) => fetchUrl(`https://api.example/list?page=${n}`, "[]"))),
  similar("a process that never ends, looked at without a pause", 30, times(90, () => poll("calm-river", still))),
  similar("a process that never ends, looked at with pauses", 30, times(90, () => poll("calm-river", still, 30_000))),
  similar("sleep and look, for ever", 60, times(90, () => [exec("sleep 30", "", { durationMs: 30_000 }), exec("kubectl get pods", "web-0 0/1 Pending")])),
  similar("a status that never changes", 30, times(90, () => ({ tool: "job_status", params: { id: "j" }, result: "running" }))),
  similar("a slow test without any edit in between", 30, times(60, () => exec("npm test", "1 failing", { durationMs: 24_000 }))),
  similar("two counters in turn", 60, times(60, (n) => [exec(`a ${n}`, "no"), exec(`b ${n}`, "none")])),
  similar("a retry with a clock in its message", 30, times(60, (n) => exec(`echo "retry at ${9 + (n % 9)}:${10 + (n % 40)}:07" && false`, "exit code 1"))),
  similar("a new session for every try", 30, times(60, (n) => ({ tool: "browser", params: { action: "open", session: uuid(n) }, result: `Timed out after ${30 + n} seconds` }))),
]
