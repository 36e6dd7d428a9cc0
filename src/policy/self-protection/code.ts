/**
 * Code given to an interpreter: the texts in its quotes are looked at as paths, one by one and put together in order, whether the code joins them with a
 * slash or without. What a variable holds is not followed, so the end of a path has to tell.
 */
import { locate, type Located } from "./path-text.ts"
import { changes, looseEnd, reads, touchAt, type Reach } from "./place-match.ts"
import { isInspector } from "./file-programs.ts"
import { rpcTouches } from "./host-commands.ts"
import { pluginName, type Surroundings } from "./surroundings.ts"
import type { Touch } from "./touch.ts"
import { masterKeyVariable } from "./variables.ts"

const mostTexts = 2_000
const nameStart = "sovereign"
const writing =
  /\b(?:write\w*|append\w*|unlink\w*|rm(?:Sync|tree|dir|_rf|_r|_f)?|remove\w*|rename\w*|truncate\w*|chmod\w*|chown\w*|mkdir\w*|touch\w*|move\w*|symlink\w*|delete\w*|putFile|file_put_contents)\b|(["'`])(?:[wax]b?\+?|r\+b?|>{1,2})\1/i
/** Speaks to something over the network, or names the gateway. */
const calling = /websocket|\bwss?:|\bfetch\b|https?:|gateway|\b18789\b/i
const running = /\b(?:system|popen|exec\w*|spawn\w*|subprocess|check_output|check_call|call|shell_exec|passthru|qx|run|sh|\$)\b|`/

export function codeTouches(code: string, surroundings: Surroundings, cwd: readonly string[] | undefined, asShell: (text: string) => void): readonly Touch[] {
  const reach: Reach = writing.test(code) ? changes : reads
  const texts = textsIn(code)
  const touches: (Touch | undefined)[] = []
  const at = (located: Located | undefined) => touches.push(located && touchAt(located, reach, surroundings))
  const paths = texts.filter((text) => !/\s/.test(text) || /^[/~.]/.test(text))
  for (const text of paths) at(locate(text, { home: surroundings.home, cwd }))
  for (const joined of [paths.join("/"), paths.join("")]) touches.push(joinedTouch(joined, reach, surroundings))
  touches.push(...namedTouches(code, paths, reach, surroundings))
  if (running.test(code)) for (const text of texts) if (/\s/.test(text)) asShell(text)
  return touches.filter((touch) => touch !== undefined)
}

function joinedTouch(joined: string, { access }: Reach, surroundings: Surroundings): Touch | undefined {
  const parts = joined
    .toLowerCase()
    .split("/")
    .filter((part) => part !== "" && part !== ".")
  const what = looseEnd(parts, surroundings, true)
  return what && { what, access }
}

/** What is named by a word of the code itself. */
function namedTouches(code: string, texts: readonly string[], { access }: Reach, { gatewayPid }: Surroundings): readonly (Touch | undefined)[] {
  const whole = texts.join("/").toLowerCase()
  const hasState = /OPENCLAW_STATE_DIR|\.openclaw/.test(code)
  const process = /\/proc\/.{0,80}\/environ|\bproc\b.{0,80}\benviron\b/.test(whole) || /\bproc\b[^]{0,120}\benviron\b(?!\[|\.get|\()/.test(code)
  const signal = /\bSIGUSR1\b|['"]USR1['"]/.test(code) && /\bkill\b/.test(code)
  const isGateway = gatewayPid === undefined || code.includes(gatewayPid) || /ppid|openclaw|gateway/i.test(code)
  return [
    code.includes(masterKeyVariable) ? { what: "master key", access: "read" } : undefined,
    hasState && texts.some((text) => text.toLowerCase().split("/").includes(pluginName)) ? { what: "data directory", access } : undefined,
    // The name may be put together elsewhere; that it is put behind the state directory is seen.
    texts.some((text) => /(?:^|\/)\.openclaw\/?$/.test(text)) && code.includes(nameStart) ? { what: "data directory", access } : undefined,
    code.includes("OPENCLAW_CONFIG_PATH") || (hasState && texts.some((text) => text.endsWith("openclaw.json"))) ? { what: "host config", access } : undefined,
    process ? { what: "gateway environment", access: "read" } : undefined,
    (signal && isGateway) || isInspector(code) ? { what: "gateway process", access: "change" } : undefined,
    ...(calling.test(code) ? texts.flatMap((text) => rpcTouches(text, code)) : []),
  ]
}

/** Texts in quotes, without their escapes; what a template puts in stands as a break. */
function textsIn(code: string): readonly string[] {
  const texts: string[] = []
  for (let at = 0; at < code.length && texts.length < mostTexts; at++) {
    const quote = code[at]
    if (quote !== '"' && quote !== "'" && quote !== "`") continue
    const end = endOfText(code, at + 1, quote)
    const text = code.slice(at + 1, end).replace(/\\([^])/g, "$1")
    // A template's own parts.
    const parts = quote === "`" || text.includes("{") ? text.split(/\$?\{[^{}]{0,200}\}/) : [text]
    texts.push(...parts.filter((part) => part !== ""))
    at = end
  }
  return texts
}

function endOfText(code: string, from: number, quote: string): number {
  for (let at = from; at < code.length; at++) {
    if (code[at] === "\\") at++
    else if (code[at] === quote) return at
  }
  return code.length
}
